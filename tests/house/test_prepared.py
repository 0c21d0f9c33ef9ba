"""What is asked often is put together once: the same statement, the same rows, the values of each call."""

from threading import Thread

import pytest
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from deals.locking import locked_deal
from deals.models import Answer
from team.models import Team, User
from team.prepared import Prepared

from .. import factories as f

pytestmark = pytest.mark.django_db
TOLD_WITH = ["activity", "contact", "person", "attachment", "recorded_by"]


def answers_of(deal):
    return Answer.objects.filter(deal=deal, is_current=True).select_related(*TOLD_WITH)


def asked(call):
    with CaptureQueriesContext(connection) as sent:
        rows = list(call())
    return [query["sql"] for query in sent], rows


def columns(row):
    """Of the row and of all that was read with it, without another statement."""
    values = {name: value for name, value in vars(row).items() if name != "_state"}
    return values, {name: other and columns(other) for name, other in row._state.fields_cache.items()}


def test_it_sends_what_the_queryset_sends_and_gives_what_it_gives(rep):
    prepared = Prepared(answers_of, 0)
    f.make_pipeline()
    deals = [
        f.make_deal(owner=rep, stage="Close"),
        f.make_deal(owner=rep),
        f.make_deal(owner=rep, stage="Propose"),
    ]
    for deal in deals:
        sent, rows = asked(lambda deal=deal: answers_of(deal.pk))
        again, others = asked(lambda deal=deal: prepared(deal.pk))
        assert again == sent and len(sent) == 1
        assert list(map(columns, others)) == list(map(columns, rows))
    assert rows and columns(rows[0])[1]["activity"]


def test_each_call_is_about_its_own_values_also_in_another_order(rep):
    of_name = Prepared(lambda name, team: User.objects.filter(name=name, teams=team), "", 0)
    north, south = Team.objects.get(name="North"), f.make_team("South")
    other = f.make_user(rep.name, team="South")
    assert of_name(rep.name, north.pk) == [rep]
    assert of_name.first(rep.name, south.pk) == other
    assert of_name("Nobody", north.pk) == [] and of_name.first("Nobody", north.pk) is None


def test_what_is_counted_beside_the_columns_is_there_too(rep):
    from django.db.models import Count

    counted = Prepared(lambda pk: User.objects.filter(pk=pk).annotate(rooms=Count("teams")), 0)
    assert counted.first(rep.pk).rooms == 1


def test_a_value_that_would_change_the_statement_or_is_not_asked_for_is_an_error(rep):
    with pytest.raises(ValueError):
        Prepared(answers_of, 0)(None)
    with pytest.raises(ValueError):
        Prepared(answers_of, 0)()
    with pytest.raises(ValueError):
        Prepared(lambda pk: Answer.objects.filter(is_current=True), 0)(1)


@pytest.mark.django_db(transaction=True)
def test_another_thread_asks_on_a_connection_of_its_own():
    person = f.make_user()
    prepared, seen = Prepared(lambda pk: User.objects.filter(pk=pk), 0), []
    assert prepared(person.pk) == [person]

    def ask():
        connection.connect()
        with CaptureQueriesContext(connection) as sent:
            seen.extend([prepared(person.pk), len(sent)])
        connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert seen == [[person], 1]


@pytest.mark.engine("postgresql")
@pytest.mark.django_db(transaction=True)
def test_a_deal_is_locked_in_a_transaction_or_not_at_all():
    deal = f.make_deal()
    with pytest.raises(TransactionManagementError):
        locked_deal(deal.pk)
