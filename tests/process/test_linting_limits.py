"""Limits nobody could meet, or that contradict each other, are said with the criterion they belong to."""

from decimal import Decimal

import pytest

from pipeline.linting import limits
from pipeline.models import Criterion, Pipeline, Stage
from pipeline.vocabulary import Kind

GOOD = {"label": "The buyer said so", "why": "Because.", "good": "Thus.", "evidence": "who"}


def codes(kind, pipeline=None, **columns):
    criterion = Criterion(kind=kind, **{**GOOD, **columns})
    stage = Stage(name="Talk", target_days=10)
    return [(str(found.level), found.code) for found in limits.check(stage, criterion, pipeline)]


@pytest.mark.parametrize("kind", Kind)
def test_plain_limits_are_left_alone(kind):
    needed = {
        Kind.CHOICE: {"choices": "a\nb"},
        Kind.DEAL_FIELD: {"deal_fields": "amount"},
        Kind.STAKEHOLDER: {"min_people": 3, "must_include": "economic_buyer"},
        Kind.ACTIVITY: {"activity_kinds": "meeting, demo"},
        Kind.APPROVAL: {"roles": "Legal"},
        Kind.NUMBER: {"minimum": Decimal(2), "maximum": Decimal(2)},
        Kind.DATE: {"future": True, "expires_after_days": 30},
    }
    assert codes(kind, **needed.get(kind, {})) == []


@pytest.mark.parametrize(
    "kind, columns, code",
    [
        (Kind.NUMBER, {"minimum": Decimal(6), "maximum": Decimal(4)}, "limits-contradict"),
        (Kind.MONEY, {"maximum": Decimal(0)}, "limits-contradict"),
        (Kind.CHOICE, {"choices": ""}, "no-choices"),
        (Kind.DEAL_FIELD, {}, "nothing-to-check"),
        (Kind.STAKEHOLDER, {}, "nothing-to-check"),
        (Kind.STAKEHOLDER, {"min_people": 1, "must_include": "wizard"}, "unknown-word"),
        (Kind.STAKEHOLDER, {"roles": "champion, wizard"}, "unknown-word"),
        (Kind.ACTIVITY, {"activity_kinds": "seance"}, "unknown-word"),
        (Kind.YES_NO, {"evidence": "none"}, "evidence-contradicts"),
        (Kind.YES_NO, {"needs_buyer": False, "evidence": "own"}, "evidence-contradicts"),
        (Kind.YES_NO, {"applies_when": "amount >="}, "condition-unreadable"),
    ],
)
def test_what_nobody_can_meet_is_an_error(kind, columns, code):
    assert codes(kind, **columns) == [("error", code)]


@pytest.mark.parametrize(
    "kind, columns, code",
    [
        (Kind.STAKEHOLDER, {"min_people": 40}, "too-many-people"),
        (Kind.DATE, {"future": True, "expires_after_days": 3}, "date-expires"),
        (Kind.MONEY, {"expires_after_days": 5}, "expires-on-the-way"),
        (Kind.DATE, {"holds_clock": True, "needs_buyer": False, "evidence": "none"}, "clock-without-buyer"),
    ],
)
def test_what_will_hardly_ever_hold_is_a_warning(kind, columns, code):
    assert codes(kind, **columns) == [("warn", code)]


NEVER = [
    "amount > 10 and amount < 5",
    "discount_percent > 100",
    "amount < 0",
    'deal_type = "new" and deal_type = "renewal"',
    "amount = 5 and amount > 5 or discount_percent > 100",
    "amount > 999999999999",
]
SOMETIMES = [
    "amount >= 25000",
    "amount > 5 and amount < 6",
    "amount >= 5 and amount <= 5",
    "amount > 10 and amount < 5 or discount_percent > 10",
    'deal_type = "new" and amount > 1',
    "discount_percent >= 100",
    "amount = 0",
]


@pytest.mark.parametrize("text", NEVER)
def test_a_condition_no_deal_can_meet_is_an_error(text):
    assert codes(Kind.YES_NO, applies_when=text) == [("error", "never-applies")]


@pytest.mark.parametrize("text", SOMETIMES)
def test_a_condition_some_deal_can_meet_is_left_alone(text):
    assert codes(Kind.YES_NO, applies_when=text) == []


def test_a_deal_type_the_pipeline_does_not_take_never_applies():
    pipeline = Pipeline(deal_types="new\nrenewal")
    assert codes(Kind.YES_NO, pipeline, applies_when='deal_type = "new"') == []
    assert codes(Kind.YES_NO, pipeline, applies_when='deal_type = "upsell"') == [("error", "never-applies")]
