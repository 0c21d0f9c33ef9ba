"""People nobody has heard for half a year, and confirmations as old, are marked wherever they are shown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deals import activities, moves
from deals.evidence import staleness
from deals.models import Activity, Contact

from .. import factories as f

pytestmark = pytest.mark.django_db
MARK, NEVER, OLD = "Not heard since", "Never heard, noted", "Said over 6 months ago"


@pytest.fixture
def deal(rep, client):
    client.force_login(rep)
    return f.make_deal(f.make_pipeline(), owner=rep)


def known_for(contact, days):
    Contact.objects.filter(pk=contact.pk).update(created_at=timezone.now() - timedelta(days=days))


def pages_of(deal, contact):
    return [f"/companies/{deal.company_id}/", f"/contacts/{contact.pk}/", f"/deals/{deal.pk}/"]


def marked(client, deal, contact, mark=MARK):
    return [mark in client.get(path).content.decode() for path in pages_of(deal, contact)]


def test_who_was_heard_lately_or_is_new_is_not_marked(client, deal):
    contact = f.make_contact(deal.company)
    activities.put_on_map(deal, [contact])
    assert marked(client, deal, contact) == [False, False, False]
    known_for(contact, 400)
    f.log_call(deal, contact, days_ago=staleness.DAYS - 1)
    assert marked(client, deal, contact) == [False, False, False]


def test_who_was_not_heard_for_half_a_year_is_marked_everywhere(client, deal):
    contact = f.make_contact(deal.company)
    known_for(contact, 400)
    activities.put_on_map(deal, [contact])
    assert marked(client, deal, contact, NEVER) == [True, True, True]
    f.log_call(deal, contact, days_ago=staleness.DAYS + 9)
    assert marked(client, deal, contact) == [True, True, True]
    other = f.make_deal(deal.pipeline, owner=deal.owner, company=deal.company)
    f.log_call(other, contact)  # heard, though on another deal
    assert marked(client, deal, contact) == [False, False, False]


def test_who_has_left_is_said_to_have_left_and_nothing_more(client, deal):
    contact = f.make_contact(deal.company, left_at=f.today())
    known_for(contact, 400)
    activities.put_on_map(deal, [contact])
    assert marked(client, deal, contact) == [False, False, False]


def test_an_old_confirmation_is_marked_while_the_deal_lives(client, deal):
    definition = f.process_of(deal.pipeline).exit_criteria(deal.stage_id)[0]
    f.satisfy(deal, definition)
    assert OLD not in client.get(f"/deals/{deal.pk}/").content.decode()
    long_ago = timezone.now() - timedelta(days=staleness.DAYS + 2)
    Activity.objects.filter(deal=deal).update(happened_at=long_ago)
    assert OLD in client.get(f"/deals/{deal.pk}/").content.decode()

    moves.archive(deal.pk, seen_seq=None, by=None, reason="Went silent")
    assert OLD not in client.get(f"/deals/{deal.pk}/").content.decode()
