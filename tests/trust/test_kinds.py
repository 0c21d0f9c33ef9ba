"""R005: every kind of criterion, failing and passing."""

import contextlib
from decimal import Decimal

import pytest
from django.utils import timezone

from deals import activities, answers
from deals.gate import State
from deals.models import Deal
from pipeline.vocabulary import Evidence, Kind

from .. import factories as f
from .gates import Gate, refuse
from .world import refused, undone

pytestmark = pytest.mark.django_db
NOTHING = {"needs_buyer": False, "evidence": "none"}


# Every kind, failing and passing


def fails_then_passes(gate, fail, succeed):
    """`fail` leaves the gate shut, `succeed` opens it."""
    refuse(gate)
    with undone():
        with contextlib.suppress(answers.AnswerErrors):
            fail()
        refuse(gate)
    succeed()
    assert gate.finding().holds
    gate.try_to_pass()


def test_text_with_a_least_length():
    gate = Gate(Kind.TEXT, min_length=20)
    fails_then_passes(
        gate, lambda: gate.said(value="Nineteen letters so"), lambda: gate.said(value="Twenty letters it is")
    )


def test_text_with_items():
    gate = Gate(Kind.TEXT, min_items=3)
    fails_then_passes(
        gate, lambda: gate.said(value="leaks, bills"), lambda: gate.said(value="leaks, bills, reports")
    )


@pytest.mark.parametrize("below, at", [("3.99", "4"), ("10.01", "10")])
def test_number_between_limits(below, at):
    gate = Gate(Kind.NUMBER, minimum=4, maximum=10)
    fails_then_passes(gate, lambda: gate.said(value=below), lambda: gate.said(value=at))


def test_money_above_zero_and_from_a_least():
    gate = Gate(Kind.MONEY, minimum=1000)
    fails_then_passes(gate, lambda: gate.said(value="999.99"), lambda: gate.said(value="1000"))


def test_a_choice_of_the_list():
    gate = Gate(Kind.CHOICE, choices="tender\ndirectly")
    fails_then_passes(gate, lambda: gate.said(value="by fax"), lambda: gate.said(value="tender"))


def test_yes_and_not_no():
    gate = Gate(Kind.YES_NO)
    fails_then_passes(gate, lambda: gate.said(value="no"), lambda: gate.said(value="yes"))


def test_a_person_of_the_buyer():
    gate = Gate(Kind.CONTACT)
    fails_then_passes(gate, lambda: gate.said(value=""), gate.said)


def test_a_file_or_a_link():
    gate = Gate(Kind.FILE_OR_LINK)
    fails_then_passes(
        gate,
        lambda: gate.said(file=None, value="javascript:alert(1)"),
        lambda: gate.said(file=None, value="https://buyer.example/offer.pdf"),
    )


def test_a_document_with_its_date():
    gate = Gate(Kind.FILE_OR_LINK, evidence=Evidence.FILE, with_date=True)
    fails_then_passes(
        gate, lambda: gate.said(date=""), lambda: gate.said(file=f.upload(), date=f.today().isoformat())
    )


@pytest.mark.parametrize("content", [b"", b"<html><script>alert(1)</script>", b"MZ\x90\x00 not a document"])
def test_a_file_that_is_no_document(content):
    gate = Gate(Kind.FILE_OR_LINK, evidence=Evidence.FILE)
    with refused(answers.AnswerErrors):
        gate.said(file=f.upload("offer.pdf", content))


def test_a_field_of_the_deal():
    gate = Gate(Kind.DEAL_FIELD, deal_fields="amount", minimum=5000, **NOTHING, amount=Decimal("4999.99"))
    amount = lambda value: Deal.objects.filter(pk=gate.deal.pk).update(amount=value)  # noqa: E731
    fails_then_passes(gate, lambda: amount(None), lambda: amount(5000))


def test_several_fields_of_the_deal():
    gate = Gate(Kind.DEAL_FIELD, deal_fields="goals,commitments", **NOTHING)
    write = lambda **columns: Deal.objects.filter(pk=gate.deal.pk).update(**columns)  # noqa: E731
    fails_then_passes(
        gate,
        lambda: write(goals="Fewer leaks"),
        lambda: write(goals="Fewer leaks", commitments="None in May"),
    )


def test_a_role_on_the_map():
    gate = Gate(Kind.STAKEHOLDER, roles="economic_buyer", **NOTHING)
    person = f.make_contact(gate.deal.company)
    fails_then_passes(
        gate,
        lambda: f.put_in_role(gate.deal, person, "champion"),
        lambda: f.put_in_role(gate.deal, person, "economic_buyer"),
    )


def test_a_role_with_its_priority():
    gate = Gate(Kind.STAKEHOLDER, roles="economic_buyer", requires_priority=True, **NOTHING)
    person = f.make_contact(gate.deal.company)
    fails_then_passes(
        gate,
        lambda: f.put_in_role(gate.deal, person, "economic_buyer", priority=""),
        lambda: f.put_in_role(gate.deal, person, "economic_buyer", priority="Payback"),
    )


def test_three_people_one_of_them_a_champion():
    gate = Gate(Kind.STAKEHOLDER, min_people=3, must_include="champion", **NOTHING)

    def people(count, role):
        for number in range(count):
            f.put_in_role(gate.deal, f.make_contact(gate.deal.company, f"Person {number}"), role)

    with undone():
        people(3, "user")
        refuse(gate)
    fails_then_passes(gate, lambda: people(2, "champion"), lambda: people(3, "champion"))


def test_somebody_who_left_is_nobodys_champion():
    gate = Gate(Kind.STAKEHOLDER, roles="champion", **NOTHING)
    gone = f.make_contact(gate.deal.company, "Gone Person", left_at=f.today())
    f.put_in_role(gate.deal, gone, "champion")
    refuse(gate)


def meet(gate, *people, kind="meeting", **fields):
    return activities.log(
        gate.deal.pk, by=gate.rep, kind=kind, happened_at=timezone.now(), attendees=people, **fields
    )


def test_a_meeting_with_two_people():
    """R169"""
    gate = Gate(Kind.ACTIVITY, activity_kinds="meeting,demo", min_people=2)
    one, two = (f.make_contact(gate.deal.company, name) for name in ("Lena Vossberg", "Jonas Rehm"))
    with undone():
        meet(gate, one, one)
        refuse(gate)
    with undone():
        meet(gate, one, two, kind="call")
        refuse(gate)
    with undone():
        meet(gate, one)
        meet(gate, two)
        refuse(gate)
    us = f.make_contact(gate.deal.company, "Mara Kessel", email=gate.rep.email)
    fails_then_passes(gate, lambda: meet(gate, one, us), lambda: meet(gate, one, two))


def test_a_meeting_with_the_role_asked_for():
    gate = Gate(Kind.ACTIVITY, activity_kinds="meeting", roles="technical", **NOTHING)
    person = f.make_contact(gate.deal.company)
    f.put_in_role(gate.deal, person, "technical")
    fails_then_passes(gate, lambda: meet(gate, f.make_contact(gate.deal.company)), lambda: meet(gate, person))


def test_an_approval():
    gate = Gate(Kind.APPROVAL, expires_after_days=20)
    fails_then_passes(gate, lambda: gate.said(value="no"), lambda: gate.said(value="yes"))


# What a criterion applies to


@pytest.mark.parametrize("amount, asked", [("24999.99", False), ("25000", True), (None, False)])
def test_a_criterion_for_large_deals_is_asked_from_its_very_limit(amount, asked):
    gate = Gate(Kind.YES_NO, applies_when="amount >= 25000", amount=amount and Decimal(amount))
    if asked:
        refuse(gate)
    else:
        assert gate.finding().state == State.EXEMPT
        gate.try_to_pass()


def test_a_condition_nobody_can_read_applies_to_everybody():
    """B58"""
    gate = Gate(Kind.YES_NO, applies_when="amount is large")
    refuse(gate)
