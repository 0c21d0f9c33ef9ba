"""Which tests run on which database: see meant_elsewhere in conftest.py."""

from types import SimpleNamespace

import pytest
from django.db import connection

from .. import conftest
from ..browser import ON_BOTH_ENGINES


def test_what_asks_no_database_runs_on_sqlite_alone_and_would_be_refused_by_any():
    assert connection.vendor == "sqlite"
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        connection.cursor()


@pytest.mark.django_db
def test_what_is_marked_as_asking_the_database_may():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_so_may_what_asks_it_by_a_fixture(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_what_is_done_in_a_browser_is_looked_at_where_sqlite_keeps_the_rows(open_page, db):
    assert connection.vendor == "sqlite"


def left_out(vendor, fixtures, monkeypatch, *marks):
    marks = {mark.name: mark for mark in marks}
    item = SimpleNamespace(fixturenames=fixtures, get_closest_marker=marks.get)
    monkeypatch.setattr(conftest, "connection", SimpleNamespace(vendor=vendor))
    return conftest.meant_elsewhere(item)


@pytest.mark.parametrize(
    "fixtures, marks, where",
    [
        ([], [], ["sqlite"]),
        (["django_db_setup"], [], ["sqlite", "postgresql"]),
        ([], [pytest.mark.django_db.mark], ["sqlite", "postgresql"]),
        (["django_db_setup", "browser"], [pytest.mark.django_db.mark], ["sqlite"]),
        (["django_db_setup", "browser"], [ON_BOTH_ENGINES.mark], ["sqlite", "postgresql"]),
        (["django_db_setup"], [pytest.mark.engine("postgresql").mark], ["postgresql"]),
    ],
)
def test_each_kind_runs_where_it_is_meant_to(fixtures, marks, where, monkeypatch):
    both = ["sqlite", "postgresql"]
    assert [name for name in both if not left_out(name, fixtures, monkeypatch, *marks)] == where
