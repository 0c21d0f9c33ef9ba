"""The fingerprint by which a refusal is known to have changed nothing sees every change, on both engines."""

import pytest
from django.db import transaction

from deals.models import Activity, Deal

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(rep):
    return f.make_deal(f.make_pipeline(), owner=rep)


def test_it_stays_where_nothing_is_written_and_differs_once_something_is(deal):
    before = fingerprint()
    assert fingerprint() == before
    Deal.objects.filter(pk=deal.pk).update(name="Another")
    assert fingerprint() != before


def test_a_change_by_raw_sql_shows_too(deal):
    from ..trust.world import sql

    before = fingerprint()
    assert sql("UPDATE deals_deal SET name = 'Another' WHERE id = %s", deal.pk) == 1
    assert fingerprint() != before


def test_a_change_that_is_undone_shows_neither_before_nor_after(deal):
    before = fingerprint()
    with transaction.atomic():
        f.log_call(deal, f.make_contact(deal.company))
        inside = fingerprint()
        transaction.set_rollback(True)
    assert inside != before and fingerprint() == before and not Activity.objects.exists()


def test_a_row_elsewhere_changes_nothing(deal):
    before = fingerprint()
    f.make_user("Somebody Else")
    assert fingerprint() == before


@pytest.mark.django_db(transaction=True)
def test_what_another_connection_commits_shows(deal):
    from threading import Thread

    from django.db import connection

    before = fingerprint()

    def rename():
        Deal.objects.filter(pk=deal.pk).update(name="Another")
        connection.close()

    thread = Thread(target=rename)
    thread.start()
    thread.join()
    assert fingerprint() != before
