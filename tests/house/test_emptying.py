"""What a test commits is gone before the next one, whatever the guard says, and the guard stands again."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction

from deals import guard
from deals.models import Deal, Transition
from team.models import User

from .. import factories as f
from ..emptying import empty

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deal():
    return f.make_deal(f.make_pipeline(), stage="Propose")


def rows():
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            yield table, cursor.fetchone()[0]


def test_no_table_keeps_a_row_and_the_guard_refuses_as_before(deal):
    ContentType.objects.get_for_model(User)
    assert sum(number for _table, number in rows()) > 30
    empty("default")
    assert not [table for table, number in rows() if number]
    assert not guard.missing(connection)
    deal = f.make_deal(f.make_pipeline())
    for model in (Deal, Transition):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all()._raw_delete("default")
    assert Deal.objects.get().pk == deal.pk


def test_a_trigger_that_a_test_took_away_is_there_again(deal):
    guard.remove("hg_t4_delete", connection)
    empty("default")
    assert not guard.missing(connection)
    assert not Transition.objects.exists()


def test_content_types_are_made_anew_when_they_are_asked_for(deal):
    ContentType.objects.get_for_model(User)
    empty("default")
    assert ContentType.objects.filter(pk=ContentType.objects.get_for_model(User).pk).exists()
