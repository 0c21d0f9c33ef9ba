"""Every rule in words: what it does, for whom, when; which rules make no sense; what goes together as a sequence."""

import pytest

from outbox.models import Endpoint
from pipeline.models import Rule
from pipeline.rule_checks import problems
from pipeline.rules import in_words
from pipeline.sequences import sequences
from pipeline.sheet import others_in_words, timers_in_words
from pipeline.vocabulary import RuleAction, RuleTrigger
from team.models import User

ANN = User(pk=7, name="Ann Weber")
HOOK = Endpoint(pk=3, name="Ledger")


def rule(trigger, days, action="task", **columns):
    return Rule(trigger=trigger, days=days, action=action, **columns)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (rule("no_response", 5, business_days=True), "Follow-up task after 5 business days"),
        (rule("no_response", 1, business_days=True, role="Legal"), "Follow-up task after 1 business day"),
        (rule("no_response", 14, "re_engage"), "Re-engage after 14 days"),
        (rule("no_activity", 30, "archive"), "Archive after 30 days"),
        (rule("no_response", 30, "archive"), "Archive after 30 days without a buyer response"),
        (rule("no_activity", 9), "Follow-up task after 9 days without buyer activity"),
        (rule("stage_entered", 0, "notify", role="Legal"), "Notify Legal when the deal enters the stage"),
        (rule("stage_entered", 0, "notify", role="Legal", person=ANN),
         "Notify Ann Weber when the deal enters the stage"),
        (rule("stage_entered", 2, "notify", business_days=True),
         "Notify the owner of the next action 2 business days after the deal entered the stage"),
        (rule("stage_entered", 0, role="Legal", title="Read the terms"),
         "Follow-up task for Legal: “Read the terms” when the deal enters the stage"),
        (rule("over_target", 11, "notify", role="Sales manager"),
         "Notify Sales manager when the deal is 11 days over the stage's target"),
        (rule("next_step_passed", 2, business_days=True),
         "Follow-up task 2 business days after the next step's date passed"),
        (rule("close_passed", 1), "Follow-up task 1 day after the expected close passed"),
        (rule("no_response", 3, "mail", subject="Our offer"),
         "Draft a mail: “Our offer” after 3 days without a buyer response"),
        (rule("close_passed", 3, "webhook", endpoint=HOOK),
         "Call the webhook Ledger 3 days after the expected close passed"),
        (rule("no_activity", 30, "archive", is_shadow=True), "Archive after 30 days, in shadow"),
    ],
)  # fmt: skip
def test_a_rule_says_what_it_does_and_when(made, words):
    assert in_words(made) == words


@pytest.mark.parametrize("trigger", RuleTrigger.values)
@pytest.mark.parametrize("action", RuleAction.values)
@pytest.mark.parametrize("days", [0, 1, 4])
def test_every_combination_has_words(trigger, action, days):
    words = in_words(rule(trigger, days, action))
    assert words[0].isupper()
    assert "%" not in words
    assert "None" not in words


@pytest.mark.parametrize(
    ("made", "column", "words"),
    [
        (rule("stage_entered", 3, "archive"), "trigger", "only follow the buyer's silence"),
        (rule("close_passed", 3, "re_engage"), "trigger", "only follow the buyer's silence"),
        (rule("over_target", 0), "days", "At least one day"),
        (rule("no_response", 0), "days", "At least one day"),
        (rule("stage_entered", 0, "webhook"), "endpoint", "Choose the webhook"),
        (rule("no_response", 3, "mail", body="Hello"), "subject", "needs a subject"),
        (rule("no_response", 3, "mail", subject="Hello", body=" \n"), "body", "needs a text"),
        (rule("no_response", 3, "mail", subject="Dear {name}", body="x"), "subject", "{name} is no field"),
        (rule("no_response", 3, "mail", subject="Hi", body="For {firm}"), "body", "{firm} is no field"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_column(made, column, words):
    found = problems(made)
    assert [name for name, _text in found] == [column]
    assert words in found[0][1]


@pytest.mark.parametrize(
    "made",
    [
        rule("no_activity", 30, "archive"),
        rule("stage_entered", 0, "webhook", endpoint=HOOK),
        rule("over_target", 1, "notify"),
        rule("no_response", 3, "mail", subject="{company}: our offer", body="Dear {first_name},\n\n{owner}"),
    ],
)
def test_what_makes_sense_is_let_through(made):
    assert problems(made) == []


def test_steps_that_wait_for_the_same_answer_are_one_sequence():
    steps = [rule("no_response", 9, "notify", business_days=True, role="Legal", stage_id=1),
             rule("no_response", 2, business_days=True, stage_id=1),
             rule("no_response", 5, "mail", business_days=True, subject="Hi", stage_id=1, is_shadow=True)]  # fmt: skip
    (found,) = sequences([*steps, rule("no_response", 14, "re_engage"), rule("stage_entered", 0)])
    assert found.steps == [
        ("2 business days", "Follow-up task"),
        ("5 business days", "Draft a mail: “Hi”, in shadow"),
        ("9 business days", "Notify Legal"),
    ]
    assert found.ends == "stops when the buyer answers or the deal leaves the stage"
    everywhere = [rule("no_response", 2), rule("no_response", 5)]
    assert sequences(everywhere)[0].ends == "stops when the buyer answers"


@pytest.mark.parametrize("days", [[5], [5, 5]])
def test_rules_of_one_day_are_no_sequence(days):
    assert sequences([rule("no_response", count) for count in days]) == []


def test_the_process_page_tells_silence_from_what_else_happens():
    rules = [rule("no_response", 2, business_days=True), rule("no_response", 5, business_days=True),
             rule("no_activity", 30, "archive", is_shadow=True),
             rule("stage_entered", 0, "notify", role="Legal"),
             rule("no_response", 3, "notify", role="Legal")]  # fmt: skip
    assert timers_in_words(rules) == [("2, 5 work days", "follow-up task"), ("30 days", "archive, in shadow")]
    assert others_in_words(rules) == [
        ("When the deal enters the stage", "notify Legal"),
        ("After 3 days without a buyer response", "notify Legal"),
    ]
