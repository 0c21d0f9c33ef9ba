"""Approvals: asked for by name, decided by that person alone, and the gate stays shut until all of them said yes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from automations import tick
from deals import moves
from deals.approving import approvals
from deals.edits import Unfit
from deals.models import Approval, Deal
from pipeline.process import process_of
from pipeline.vocabulary import Evidence, Kind
from team.models import Notice

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
OURS = {"roles": "Legal, Finance", "needs_buyer": False, "evidence": Evidence.NONE}
STAGES = {
    "Negotiate": [("theirs", Kind.APPROVAL, {"evidence": Evidence.WHO}), ("ours", Kind.APPROVAL, OURS)],
    "Close": [],
}


@pytest.fixture
def hugo():
    """Of legal, in no team: sees no deal."""
    return with_role(f.make_user("Hugo Lenzmar", team=None), "Legal")


@pytest.fixture
def amara():
    return with_role(f.make_user("Amara Oseye", team=None), "Finance")


def with_role(user, name):
    user.roles.add(f.make_role(name))
    return user


@pytest.fixture
def deal(rep):
    return f.make_deal(f.make_pipeline(stages=STAGES), owner=rep)


def criterion(deal, slug):
    return next(d for d in process_of(deal.pipeline).criteria_of_all() if d.slug == slug)


def ask(deal, rep, slug="ours", **typed):
    return approvals.ask(deal.pk, {"criterion": str(criterion(deal, slug).criterion_id), **typed}, by=rep)


def open_slugs(deal):
    deal = f.fresh(deal)
    try:
        moves.advance(deal.pk, to=f.stage_of(deal.pipeline, "Close").pk, seen_seq=deal.seq, by=deal.owner)
    except moves.GateClosed as refusal:
        return {finding.definition.slug: finding.why for finding in refusal.open_criteria}
    return {}


def test_all_of_both_sides_say_yes_and_the_deal_moves(deal, rep, hugo, amara):
    lena = f.make_contact(deal.company)
    assert set(open_slugs(deal)) == {"theirs", "ours"}
    for user in (hugo, amara):
        approvals.decide(ask(deal, rep, approver=str(user.pk)).pk, {"decision": "approved"}, by=user)
    assert set(open_slugs(deal)) == {"theirs"}
    f.log_call(deal, lena)
    f.satisfy(deal, criterion(deal, "theirs"))
    assert open_slugs(deal) == {}
    assert f.fresh(deal).stage.name == "Close"


def test_one_that_waits_keeps_the_gate_shut_and_says_for_whom(deal, rep, hugo, amara):
    approvals.decide(ask(deal, rep, approver=str(hugo.pk)).pk, {"decision": "approved"}, by=hugo)
    assert open_slugs(deal)["ours"] == "Not asked yet: Finance."
    ask(deal, rep, approver=str(amara.pk), due_on=(f.today() + timedelta(days=2)).isoformat())
    assert "Waits for Amara Oseye, due" in open_slugs(deal)["ours"]


def test_a_no_keeps_the_gate_shut_with_its_reason_until_it_is_withdrawn_and_asked_again(
    deal, rep, hugo, amara
):
    first = ask(deal, rep, approver=str(hugo.pk))
    approvals.decide(first.pk, {"decision": "rejected", "comment": "Annex 2 is missing"}, by=hugo)
    approvals.decide(ask(deal, rep, approver=str(amara.pk)).pk, {"decision": "approved"}, by=amara)
    assert open_slugs(deal)["ours"] == "Rejected by Hugo Lenzmar. “Annex 2 is missing”"
    approvals.withdraw(deal.pk, first.pk, "Annex 2 is in now", by=rep)
    assert open_slugs(deal)["ours"] == "Not asked yet: Legal."
    approvals.decide(ask(deal, rep, approver=str(hugo.pk)).pk, {"decision": "approved"}, by=hugo)
    assert set(open_slugs(deal)) == {"theirs"}
    gone = Approval.objects.get(pk=first.pk)
    assert (gone.decision, gone.was, gone.withdrawn_by) == ("withdrawn", "rejected", rep)


def test_a_no_without_a_reason_is_refused(deal, rep, hugo):
    asked = ask(deal, rep, approver=str(hugo.pk))
    before = fingerprint()
    with pytest.raises(Unfit, match="Say why not"):
        approvals.decide(asked.pk, {"decision": "rejected", "comment": " "}, by=hugo)
    assert fingerprint() == before


def test_nobody_approves_what_they_ask_for_themselves(deal, rep):
    with_role(rep, "Legal")
    before = fingerprint()
    with pytest.raises(Unfit) as refusal:
        ask(deal, rep, approver=str(rep.pk))
    assert "approver" in refusal.value.fields and fingerprint() == before


def test_only_who_has_the_role_can_be_asked(deal, rep):
    other = f.make_user("Ines Duarvo")
    with pytest.raises(Unfit):
        ask(deal, rep, approver=str(other.pk))


def test_nobody_but_the_one_asked_decides(deal, rep, hugo, amara):
    asked = ask(deal, rep, approver=str(hugo.pk))
    before = fingerprint()
    for user in (rep, amara, f.make_manager(), f.make_admin()):
        with pytest.raises(Approval.DoesNotExist):
            approvals.decide(asked.pk, {"decision": "approved"}, by=user)
    assert fingerprint() == before


def test_a_decision_stands(deal, rep, hugo):
    asked = ask(deal, rep, approver=str(hugo.pk))
    approvals.decide(asked.pk, {"decision": "rejected", "comment": "Annex 2 is missing"}, by=hugo)
    before = fingerprint()
    with pytest.raises(moves.IllegalMove):
        approvals.decide(asked.pk, {"decision": "approved"}, by=hugo)
    assert fingerprint() == before


def test_who_is_asked_is_told_and_who_asked_is_told_of_the_decision(deal, rep, hugo):
    asked = ask(deal, rep, approver=str(hugo.pk))
    told = Notice.objects.get(user=hugo)
    assert told.url == reverse("approval", args=[asked.pk]) and deal.name in told.text
    approvals.decide(asked.pk, {"decision": "approved"}, by=hugo)
    assert "Hugo Lenzmar approved" in Notice.objects.get(user=rep).text


def test_the_buyer_is_asked_and_what_they_said_is_recorded_from_a_conversation(deal, rep, client):
    lena = f.make_contact(deal.company)
    asked = ask(deal, rep, "theirs", contact="Lena Vossberg")
    assert "Waits for Lena Vossberg" in open_slugs(deal)["theirs"]
    call = f.log_call(deal, lena)
    client.force_login(rep)
    typed = {"decision": "approved", "conversation": call.pk, "words": "We go with it"}
    sent = client.post(reverse("record_approval", args=[deal.pk, asked.pk]), typed)
    assert sent.status_code == 303 and "theirs" not in open_slugs(deal)
    row = Approval.objects.get()
    assert (row.decision, row.activity, row.decided_by, row.comment) == (
        "approved",
        call,
        rep,
        "We go with it",
    )


def test_what_the_buyer_said_without_a_conversation_is_no_approval(deal, rep, client):
    asked = ask(deal, rep, "theirs", contact="Lena Vossberg")
    client.force_login(rep)
    before = fingerprint()
    outbound = f.log_call(deal, asked.contact, kind="proposal")
    for typed in ({}, {"conversation": outbound.pk}):
        sent = client.post(
            reverse("record_approval", args=[deal.pk, asked.pk]), {"decision": "approved", **typed}
        )
        assert sent.status_code == 422
    assert "theirs" in open_slugs(deal)
    Approval.objects.get(decision="pending")
    assert fingerprint() != before  # the proposal alone


def test_a_colleague_named_as_the_buyer_approves_nothing(deal, rep):
    us = f.make_contact(deal.company, "Mara Kessel", email=rep.email)
    with pytest.raises(Unfit, match="is one of us"):
        ask(deal, rep, "theirs", contact=str(us.pk))


def test_an_approval_that_ran_out_opens_nothing(rep):
    stages = {"A": [("it", Kind.APPROVAL, {"expires_after_days": 60})], "B": [], "C": []}
    deal = f.make_deal(f.make_pipeline(stages=stages), owner=rep, stage="B")
    assert f.fresh(deal).holds_until == f.today() + timedelta(days=60)
    tick.run(timezone.now() + timedelta(days=61))
    assert f.fresh(deal).open_before == 1
    assert not Deal.objects.proven(f.today() + timedelta(days=61), f.today()).filter(pk=deal.pk).exists()


def test_one_person_is_asked_once(deal, rep, hugo):
    ask(deal, rep, approver=str(hugo.pk))
    with pytest.raises(Unfit, match="asked already"):
        ask(deal, rep, approver=str(hugo.pk))


def test_who_only_sees_the_deal_asks_for_nothing(deal, hugo):
    with pytest.raises(moves.NotAllowed):
        ask(deal, f.make_user("Jonas Lindvarr"), approver=str(hugo.pk))
