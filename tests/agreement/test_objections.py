"""Objections: none may be open when the gate is passed, and the buyer says that none is left."""

from datetime import timedelta

import pytest
from django.urls import reverse

from deals import moves
from deals.approving import objections
from deals.edits import Unfit
from deals.gate import Reading
from deals.models import Answer, Objection
from pipeline.process import process_of
from pipeline.vocabulary import Kind

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
STAGES = {"Negotiate": [("none_left", Kind.NO_OPEN_OBJECTION, {})], "Close": []}


@pytest.fixture
def deal():
    return f.make_deal(f.make_pipeline(stages=STAGES), owner=f.make_user())


def raise_one(deal, **typed):
    contact = deal.company.contacts.first() or f.make_contact(deal.company)
    typed = {"text": "The price is above the budget", "raised_by": str(contact.pk), **typed}
    return objections.log(deal.pk, typed, by=deal.owner)


def act(deal, objection, verb, **typed):
    return objections.act(deal.pk, objection.pk, verb, typed, by=deal.owner)


def finding(deal):
    process = process_of(deal.pipeline)
    return Reading(f.fresh(deal), process, f.today()).finding(process.criteria_of_all()[0], True)


def confirm(deal):
    f.satisfy(deal, process_of(deal.pipeline).criteria_of_all()[0])


def test_an_open_objection_refuses_the_move_and_its_answer_must_be_accepted(deal):
    confirm(deal)
    objection = raise_one(deal)
    before = fingerprint()
    with pytest.raises(moves.GateClosed):
        moves.advance(deal.pk, to=f.stage_of(deal.pipeline, "Close").pk, seen_seq=1, by=deal.owner)
    assert fingerprint() == before and finding(deal).why == "1 objection is not settled."
    act(deal, objection, "answer", response="It is paid in two parts")
    assert not finding(deal).holds
    act(deal, objection, "accept", accepted_by="Lena Vossberg")
    assert not finding(deal).holds, "nobody has said yet that none is left"
    confirm(deal)
    assert finding(deal).holds
    moves.advance(deal.pk, to=f.stage_of(deal.pipeline, "Close").pk, seen_seq=1, by=deal.owner)


def test_an_objection_raised_later_voids_what_the_buyer_said_before(deal):
    confirm(deal)
    assert finding(deal).holds
    act(deal, raise_one(deal), "withdraw", note="They found the figure themselves")
    assert finding(deal).why == "The buyer has not confirmed this in a conversation on record."
    assert not Answer.objects.current().filter(deal=deal).exists()


def test_one_taken_up_again_is_open_again(deal):
    objection = raise_one(deal)
    act(deal, objection, "withdraw", note="They found the figure themselves")
    confirm(deal)
    assert finding(deal).holds
    act(deal, objection, "reopen", note="Finance asks about it once more")
    assert not finding(deal).holds and Objection.objects.get().status == "open"


def test_where_the_buyer_is_not_asked_the_record_alone_decides():
    stages = {
        "A": [("none_left", Kind.NO_OPEN_OBJECTION, {"needs_buyer": False, "evidence": "none"})],
        "B": [],
    }
    deal = f.make_deal(f.make_pipeline(stages=stages), owner=f.make_user())
    assert finding(deal).holds
    raise_one(deal)
    assert not finding(deal).holds and f.fresh(deal).held_here == 0


@pytest.mark.parametrize(
    "typed",
    [
        {"text": "."}, {"text": "n/a"}, {"raised_by": ""}, {"raised_on": "nonsense"},
        {"raised_on": (f.today() + timedelta(days=2)).isoformat()}, {"text": "x" * 2001}, {"text": "a\x00b"},
    ],
)  # fmt: skip
def test_what_says_nothing_is_no_objection(deal, typed):
    f.make_contact(deal.company)
    before = fingerprint()
    with pytest.raises(Unfit):
        raise_one(deal, **typed)
    assert fingerprint() == before


def test_a_colleague_accepts_nothing_for_the_buyer(deal):
    objection = raise_one(deal)
    act(deal, objection, "answer", response="It is paid in two parts")
    us = f.make_contact(deal.company, "Mara Kessel", email=deal.owner.email)
    before = fingerprint()
    with pytest.raises(Unfit, match="is one of us"):
        act(deal, objection, "accept", accepted_by=str(us.pk))
    assert fingerprint() == before


def test_nothing_is_accepted_that_was_not_answered(deal):
    objection = raise_one(deal)
    with pytest.raises(Unfit):
        act(deal, objection, "accept", accepted_by="Lena Vossberg")


def test_a_settled_one_is_not_settled_twice(deal):
    objection = raise_one(deal)
    act(deal, objection, "withdraw", note="They found the figure themselves")
    with pytest.raises(moves.IllegalMove):
        act(deal, objection, "answer", response="It is paid in two parts")


def test_its_page_logs_answers_and_settles(deal, client):
    client.force_login(deal.owner)
    f.make_contact(deal.company)
    page = reverse("objections", args=[deal.pk])
    wrong = client.post(page, {"text": "Too expensive", "raised_by": ""})
    assert wrong.status_code == 422 and b"Too expensive" in wrong.content
    assert client.post(page, {"text": "Too expensive", "raised_by": "Lena Vossberg"}).status_code == 303
    objection = Objection.objects.get()
    for verb, typed in [
        ("answer", {"response": "In two parts"}),
        ("accept", {"accepted_by": "Lena Vossberg"}),
    ]:
        url = reverse("objection", args=[deal.pk, objection.pk, verb])
        assert client.post(url, typed).status_code == 303
    assert b"Accepted by Lena Vossberg" in client.get(page).content
    assert client.post(reverse("objection", args=[deal.pk, objection.pk, "erase"]), {}).status_code == 404
    assert (
        client.post(
            reverse("objection", args=[deal.pk, objection.pk, "answer"]), {"response": "x"}
        ).status_code
        == 409
    )
