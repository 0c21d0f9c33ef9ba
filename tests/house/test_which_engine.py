"""Which tests run on which database: see meant_elsewhere in conftest.py."""

import pytest
from django.db import connection


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


def test_whether_pages_can_be_used_by_all_is_looked_at_where_sqlite_keeps_the_rows(axe, db):
    assert connection.vendor == "sqlite"
