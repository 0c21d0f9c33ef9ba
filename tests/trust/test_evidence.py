"""Evidence just below and just at each level, and proof on its last day."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from deals import activities, answers, moves
from deals.gate import State
from deals.models import Answer
from pipeline.vocabulary import Evidence, Kind

from .. import factories as f
from .gates import Gate, refuse
from .world import refused, undone

pytestmark = pytest.mark.django_db
NOTHING = {"needs_buyer": False, "evidence": "none"}


# Evidence, just below and just at each level

LEVELS = [Evidence.NONE, Evidence.WHO, Evidence.WORDS, Evidence.OWN, Evidence.FILE]


def with_evidence(gate, level):
    """An answer whose evidence is exactly of that level."""
    person = f.make_contact(gate.deal.company)
    item = gate.given(value="yes")
    if level == Evidence.NONE:
        return item
    item.by, item.how = str(person.pk), "invitation" if level == Evidence.OWN else "call"
    item.on = f.today().isoformat()
    item.words = "We lose a shift a month" if level == Evidence.WORDS else ""
    item.file = f.upload() if level == Evidence.FILE else None
    return item


@pytest.mark.parametrize("asked", LEVELS)
@pytest.mark.parametrize("given", LEVELS)
def test_the_least_evidence_asked_opens_and_anything_less_does_not(asked, given):
    gate = Gate(Kind.YES_NO, evidence=asked, needs_buyer=False)
    gate.answer(with_evidence(gate, given))
    assert Answer.objects.get(deal=gate.deal).evidence == given
    assert gate.finding().holds == (LEVELS.index(given) >= LEVELS.index(asked))


def test_the_buyers_criterion_needs_a_buyer_whatever_the_evidence():
    gate = Gate(Kind.YES_NO, evidence=Evidence.NONE)
    gate.answer(gate.given(value="yes", file=f.upload(), words="They said so, on the phone"))
    refuse(gate)


# Time


def test_proof_holds_through_its_last_day_and_not_a_day_longer():
    gate = Gate(Kind.MONEY, expires_after_days=90)
    gate.said()
    last = f.today() + timedelta(days=90)
    assert gate.finding(last).holds
    assert gate.finding(last + timedelta(days=1)).state == State.LAPSED
    noon = f.at(last + timedelta(days=1))
    refuse(gate, now=noon)
    with undone():
        gate.try_to_pass(now=f.at(last))


def test_proof_is_as_old_as_its_conversation_not_as_its_entry():
    gate = Gate(Kind.MONEY, expires_after_days=10)
    old = f.log_call(gate.deal, days_ago=10)
    gate.said(conversation=str(old.pk), by="")
    assert gate.finding().holds
    older = f.log_call(gate.deal, days_ago=11)
    gate.said(conversation=str(older.pk), by="")
    assert gate.finding().state == State.LAPSED


def test_a_conversation_still_to_come_is_refused():
    """B26"""
    gate = Gate(Kind.YES_NO)
    tomorrow = timezone.now() + timedelta(days=1)
    with refused(ValidationError):
        activities.log(gate.deal.pk, by=gate.rep, kind="call", happened_at=tomorrow, attendees=[])


@pytest.mark.parametrize("days, holds", [(-1, False), (0, True), (1, True)])
def test_a_next_step_holds_today_and_not_yesterday(days, holds):
    """R054"""
    gate = Gate(Kind.NEXT_STEP, **NOTHING)
    f.next_step(gate.deal, days)
    if holds:
        gate.try_to_pass()
    else:
        refuse(gate)


@pytest.mark.parametrize("text", ["", "   ", "tbd"])
def test_a_next_step_without_words_is_none(text):
    gate = Gate(Kind.NEXT_STEP)
    item = gate.good()
    item.value = text
    with refused(answers.AnswerErrors, moves.GateClosed):
        gate.answer(item)
        gate.try_to_pass()


@pytest.mark.parametrize("days, holds", [(-1, False), (0, True)])
def test_a_date_to_come_must_still_lie_ahead_when_the_gate_is_passed(days, holds):
    gate = Gate(Kind.DATE, future=True)
    gate.said(value=(f.today() + timedelta(days=5)).isoformat())
    then = f.today() + timedelta(days=5 - days)
    assert gate.finding(then).holds == holds
