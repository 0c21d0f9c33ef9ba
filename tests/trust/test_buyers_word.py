"""B21 and R034: only the buyer's word counts, and only while it stands."""

import pytest
from django.utils import timezone

from deals import activities, answers, edits, moves
from deals.gate import State
from deals.models import Answer, Stakeholder
from deals.people import stakeholders
from pipeline.vocabulary import Kind
from team.models import Organisation

from .. import factories as f
from .gates import Gate, refuse
from .world import refused

pytestmark = pytest.mark.django_db
NOTHING = {"needs_buyer": False, "evidence": "none"}


# B21


@pytest.mark.parametrize("kind", [Kind.CONTACT, Kind.YES_NO, Kind.TEXT, Kind.MONEY])
@pytest.mark.parametrize("address", ["colleague@own.example", "x@eu.own.example", "X@OWN.EXAMPLE", "user"])
def test_one_of_us_confirms_nothing(kind, address):
    """B21: our domain, its subdomains, and every user's own address."""
    organisation = Organisation.current()
    organisation.own_domains = "own.example\n"
    organisation.save()
    gate = Gate(kind)
    email = (
        f.make_user("Ole Brandt", email="ole@freemail.example").email.upper()
        if address == "user"
        else address
    )
    us = f.make_contact(gate.deal.company, "Ole Brandt", email=email)
    call = f.log_call(gate.deal, us)
    assert not call.from_buyer and f.fresh(gate.deal).last_buyer_activity_at is None
    parts = {"value": str(us.pk)} if kind == Kind.CONTACT else {}
    gate.said(by=str(us.pk), conversation=str(call.pk), **parts)
    assert "one of us" in gate.finding().why
    refuse(gate)


@pytest.mark.parametrize("address", ["ole@own.example", "user"])
def test_naming_one_of_us_puts_nobody_on_the_map(address):
    """B21"""
    Organisation.objects.update_or_create(pk=1, defaults={"own_domains": "own.example"})
    gate = Gate(Kind.STAKEHOLDER, roles="economic_buyer", **NOTHING)
    email = gate.rep.email.upper() if address == "user" else address
    us = f.make_contact(gate.deal.company, "Ole Brandt", email=email)
    gate.answer(value=str(us.pk), priority="Payback")
    assert not Stakeholder.objects.filter(deal=gate.deal, contact=us).exists()
    refuse(gate)
    gate.answer(value=str(f.make_contact(gate.deal.company).pk), priority="Payback")
    gate.try_to_pass()


@pytest.mark.parametrize("address", ["ole@own.example", "user"])
def test_one_of_us_is_put_on_no_map_by_hand(address):
    """B21: the people's form of the deal's page."""
    Organisation.objects.update_or_create(pk=1, defaults={"own_domains": "own.example"})
    gate = Gate(Kind.STAKEHOLDER, roles="economic_buyer", **NOTHING)
    email = gate.rep.email.upper() if address == "user" else address
    typed = {"name": "Ole Brandt", "email": email, "stance": "for", "influence": "3"}
    contacts = gate.deal.company.contacts.count()
    with refused(edits.Unfit):
        stakeholders.put(gate.deal.pk, typed, ["economic_buyer"], by=gate.rep)
    assert gate.deal.company.contacts.count() == contacts
    f.make_contact(gate.deal.company, "Ole Brandt", email=email)
    with refused(edits.Unfit):
        stakeholders.put(gate.deal.pk, typed | {"email": ""}, ["economic_buyer"], by=gate.rep)
    refuse(gate)


def test_a_contact_of_a_stranger_confirms_nothing():
    """B21, B47: somebody of another company who is not on the map."""
    gate = Gate(Kind.YES_NO)
    stranger = f.make_contact(f.make_company())
    with refused(answers.AnswerErrors):
        gate.said(by=str(stranger.pk))


def test_a_conversation_of_another_deal_proves_nothing():
    gate = Gate(Kind.YES_NO)
    other = f.make_deal(gate.pipeline, owner=gate.rep)
    with refused(answers.AnswerErrors):
        gate.answer(value="yes", conversation=str(f.log_call(other).pk), by="")


@pytest.mark.parametrize("key", ["²", "٣", "9" * 30, "-1", "x", "0"])
def test_ids_that_are_none_are_refused_in_words(key):
    gate = Gate(Kind.CONTACT)
    item = gate.good()
    item.conversation = key
    with refused(answers.AnswerErrors):
        gate.answer(item)


@pytest.mark.parametrize("kind", ["note", "proposal", "introduction", "kickoff"])
def test_what_we_wrote_ourselves_is_no_conversation(kind):
    """B21: the buyer confirms in something the buyer took part in."""
    gate = Gate(Kind.YES_NO)
    person = f.make_contact(gate.deal.company)
    ours = activities.log(
        gate.deal.pk, by=gate.rep, kind=kind, happened_at=timezone.now(), attendees=[person]
    )
    assert not ours.from_buyer
    with refused(answers.AnswerErrors, moves.GateClosed):
        gate.answer(value="yes", conversation=str(ours.pk), by=str(person.pk))
        gate.try_to_pass()


def test_an_auto_reply_confirms_nothing():
    """B25"""
    gate = Gate(Kind.YES_NO)
    person = f.make_contact(gate.deal.company)
    details = {"kind": "email", "direction": "in", "is_auto": True}
    reply = activities.log(gate.deal.pk, by=None, happened_at=timezone.now(), attendees=[person], **details)
    with refused(answers.AnswerErrors, moves.GateClosed):
        gate.answer(value="yes", conversation=str(reply.pk), by=str(person.pk))
        gate.try_to_pass()


# States of an answer


@pytest.mark.parametrize("state, shown", [("claimed", State.CLAIMED), ("disproved", State.DISPROVED)])
def test_only_what_is_confirmed_opens_the_gate(state, shown):
    gate = Gate(Kind.YES_NO)
    gate.said(state=state)
    assert gate.finding().state == shown
    assert refuse(gate).open_criteria[0].state == shown
    gate.said(state="confirmed")
    gate.try_to_pass()


def test_a_state_nobody_knows_is_refused():
    gate = Gate(Kind.YES_NO)
    with refused(answers.AnswerErrors):
        gate.said(state="certain")


def test_a_correction_appends_and_the_newest_counts():
    gate = Gate(Kind.YES_NO)
    gate.said()
    gate.said(state="disproved")
    rows = Answer.objects.filter(deal=gate.deal).order_by("pk")
    assert [(row.state, row.is_current) for row in rows] == [("confirmed", False), ("disproved", True)]
    refuse(gate)
