"""Why a rule came due, as everybody reads it."""

from datetime import date

import pytest

from deals.timers.firing_words import why
from pipeline.models import RuleDefinition
from pipeline.vocabulary import RuleTrigger

# In another year than today's, so that the year is part of the words on every day these tests run.
SINCE = date(2024, 11, 4)


def rule(trigger, days, business_days=False):
    return RuleDefinition(trigger=trigger, days=days, business_days=business_days)


@pytest.mark.parametrize(
    ("trigger", "days", "business", "words"),
    [
        ("no_response", 5, True, "no buyer response since 4 Nov 2024, 5 business days"),
        ("no_response", 1, True, "no buyer response since 4 Nov 2024, 1 business day"),
        ("no_response", 14, False, "no buyer response since 4 Nov 2024, 14 days"),
        ("no_activity", 30, False, "no buyer activity since 4 Nov 2024, 30 days"),
        ("stage_entered", 0, False, "entered Negotiate on 4 Nov 2024"),
        ("stage_entered", 2, True, "entered Negotiate on 4 Nov 2024, 2 business days"),
        ("over_target", 11, False, "11 days over the target of Negotiate"),
        ("over_target", 0, False, "longer than the target of Negotiate, since 4 Nov 2024"),
        ("next_step_passed", 1, False, "the next step's date 4 Nov 2024 passed, 1 day"),
        ("next_step_passed", 0, False, "the next step's date 4 Nov 2024 passed"),
        ("close_passed", 3, True, "the expected close 4 Nov 2024 passed, 3 business days"),
    ],
)
def test_the_reason_says_what_was_waited_for_since_when_and_how_long(trigger, days, business, words):
    assert why(rule(trigger, days, business), SINCE, stage="Negotiate") == words


@pytest.mark.parametrize("trigger", RuleTrigger.values)
def test_every_kind_of_rule_has_a_reason(trigger):
    assert why(rule(trigger, 2), SINCE)


def test_an_attempt_that_waited_for_another_counts_the_days_it_really_took():
    second = rule("no_response", 22)
    assert why(second, SINCE, due_on=date(2024, 11, 30)) == "no buyer response since 4 Nov 2024, 26 days"
