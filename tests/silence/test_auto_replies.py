"""What a buyer's mail server answers by itself, such as an out-of-office reply, is kept and stops nothing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from automations import sweep
from deals.models import Activity, Answer

from .. import clockwork as c
from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
WORDS = "I am out of the office until 3 September"
CLOCKS = ["last_buyer_activity_at", "awaiting_since", "next_due_at", "held_days", "status"]


@pytest.fixture
def deal(client):
    """Waits for an answer since today."""
    deal = f.next_step(f.make_deal(owner=f.make_user()))
    f.log_call(deal, f.make_contact(deal.company))
    c.proposal(deal, timezone.now())
    client.force_login(deal.owner)
    return f.fresh(deal)


def log(client, deal, **fields):
    contact = deal.stakeholders.first().contact_id
    data = {"kind": "email", "people": contact, "said": WORDS, "is_auto": "1"} | fields
    return client.post(reverse("log", args=[deal.pk]), data)


def clocks(deal):
    return [getattr(f.fresh(deal), name) for name in CLOCKS]


def test_it_is_on_record_and_moves_no_clock(client, deal):
    before = clocks(deal)
    assert before[1] is not None
    assert log(client, deal, direction="out", expects_answer="1").status_code == 303
    row = Activity.objects.latest("pk")
    assert (row.is_auto, row.direction, row.from_buyer, row.expects_answer) == (True, "in", False, False)
    assert clocks(deal) == before
    page = client.get(reverse("deal", args=[deal.pk])).content.decode()
    assert WORDS in page and "It came by itself: it moved no clock." in page


def test_the_same_mail_from_a_person_stops_the_clock(client, deal):
    log(client, deal, direction="in", is_auto="")
    assert f.fresh(deal).awaiting_since is None


def test_a_re_engaging_deal_stays_silent(client, deal):
    sweep.sweep(timezone.now() + timedelta(days=15))
    assert f.fresh(deal).status == "re_engaging"
    log(client, deal)
    assert f.fresh(deal).status == "re_engaging" and not f.fresh(deal).tasks.filter(cancelled_why="reply")


@pytest.mark.parametrize("kind", ["call", "meeting", "note", "proposal"])
def test_only_a_mail_comes_by_itself(client, deal, kind):
    before = fingerprint()
    answer = log(client, deal, kind=kind)
    assert answer.status_code == 422 and fingerprint() == before
    assert "Only an e-mail comes by itself." in answer.content.decode()


def test_it_confirms_nothing(client, deal):
    criterion = next(one for one in deal.stage.criteria.all() if one.kind == "text")
    before = fingerprint()
    ticked = {
        f"c{criterion.pk}_asked": "1",
        f"c{criterion.pk}_tick": "1",
        f"c{criterion.pk}": "Every night shift",
    }
    answer = log(client, deal, **ticked)
    assert answer.status_code == 422 and fingerprint() == before and not Answer.objects.exists()
    assert "confirms nothing" in answer.content.decode()


def test_it_does_not_say_how_it_stands(program, rep):
    deal = f.make_deal(owner=rep)
    contact = f.make_contact(deal.company)
    path = f"/deals/{deal.pk}/activities"
    body = {"kind": "email", "attendees": [str(contact.pk)], "body": WORDS, "is_auto": True}
    program.refused("post", path, body | {"outcome": "interested"}, 422)
    told = program.post(path, body).json()
    assert (told["is_auto"], told["from_buyer"]) == (True, False)
    assert f.fresh(deal).last_buyer_activity_at is None
