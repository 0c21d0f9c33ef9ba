"""The fields of a mail's text: by name alone, each once, and unknown ones are refused where they are typed."""

import re
from pathlib import Path

import pytest

from deals.mails.merge_fields import first_name, rendered, values_of
from pipeline import merge_fields
from pipeline.models import Rule
from pipeline.rule_checks import problems
from pipeline.vocabulary import RuleAction, RuleTrigger

from .. import factories as f

VALUES = {
    "contact": "Lena Vossberg",
    "deal": "{owner} {days}",
    "owner": "Mara",
    "days": 14,
    "company": "<b>&amp;",
}

RENDERED = [
    ("Hello {contact}", "Hello Lena Vossberg"),
    ("{contact}{contact}", "Lena VossbergLena Vossberg"),
    ("{deal}", "{owner} {days}"),  # what a value says is no field
    ("{days} days", "14 days"),
    ("{company}", "<b>&amp;"),
    ("{nobody}", "{nobody}"),
    ("{contact.__class__}", "{contact.__class__}"),
    ("{contact!r}", "{contact!r}"),
    ("{days:>1000000}", "{days:>1000000}"),
    ("{0} {} {{contact}}", "{0} {} {Lena Vossberg}"),
    ("{ contact }", "{ contact }"),
    ("50 % {contact", "50 % {contact"),
    ("contact} \\1 \\g<0> %s", "contact} \\1 \\g<0> %s"),
    ("", ""),
]


@pytest.mark.parametrize("text, said", RENDERED)
def test_a_field_is_its_value_and_everything_else_stays(text, said):
    assert rendered(text, VALUES) == said


NAMES = [
    ("Lena Vossberg", "Lena"), ("Dr. Lena Vossberg", "Lena"), ("Prof. Dr. Lena Vossberg", "Lena"),
    ("Vossberg, Lena", "Lena"), ("Lena", "Lena"), ("Dr.", "Dr."), ("李 明", "李"), ("Vossberg,", "Vossberg,"),
    ("  Lena   Vossberg ", "Lena"), ("Anne-Marie O'Hara", "Anne-Marie"),
]  # fmt: skip


@pytest.mark.parametrize("name, first", NAMES)
def test_a_first_name_is_told_without_titles(name, first):
    assert first_name(name) == first


@pytest.mark.django_db
def test_every_known_field_has_a_value():
    deal = f.make_deal(f.make_pipeline())
    for contact in (None, f.make_contact(deal.company)):
        values = values_of(deal, contact, 3)
        assert set(values) == set(merge_fields.KNOWN) and all(str(value) for value in values.values())


UNKNOWN = [
    ("{firstname}", "{firstname}"),
    ("{Contact}", "{Contact}"),
    ("{ contact }", "{ contact }"),
    ("{}", "{}"),
    ("{contact.email}", "{contact.email}"),
    ("{contact!r}", "{contact!r}"),
    ("{a} {a} {b} {deal}", "{a}, {b}"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["subject", "body"])
@pytest.mark.parametrize("text, named", UNKNOWN)
def test_a_rule_with_an_unknown_field_is_not_saved_and_says_which_there_are(column, text, named):
    columns = {"subject": "About {deal}", "body": "Hello", column: f"Hello {text}"}
    ((name, words),) = problems(rule(**columns))
    assert name == column
    assert f"{named} is no field" in words and "{first_name}, {company}" in words


FINE = ["Hello {first_name}", "{contact} {company} {deal} {owner} {stage} {days}", "50 % { and so on\n}"]


@pytest.mark.django_db
@pytest.mark.parametrize("text", FINE)
def test_a_rule_with_known_fields_is_fine(text):
    assert problems(rule(subject="About {deal}", body=text)) == []


def rule(**columns):
    pipeline = f.make_pipeline()
    shared = {"key": "nudge", "days": 14, "trigger": RuleTrigger.NO_RESPONSE, "action": RuleAction.MAIL}
    return Rule(pipeline=pipeline, **shared, **columns)


def test_the_docs_list_every_field_and_no_other():
    text = (Path(__file__).parents[2] / "docs" / "mail.md").read_text()
    told = set(re.findall(r"`\{(\w+)\}`", text))
    assert told == set(merge_fields.KNOWN)
