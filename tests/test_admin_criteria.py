"""What a criterion may say, and what each kind of it needs."""

import pytest

from pipeline.vocabulary import Kind

from . import factories as f
from .admin_process import draft, new_row, page_of, save

pytestmark = pytest.mark.django_db


WRONG = [
    ({"kind": Kind.CHOICE}, "choices", "A choice needs its choices"),
    ({"kind": Kind.ACTIVITY}, "activity_kinds", "Tick an activity"),
    ({"kind": Kind.STAKEHOLDER}, "roles", "Tick a role"),
    ({"kind": Kind.DEAL_FIELD}, "deal_fields", "Tick at least one"),
    ({"kind": Kind.NUMBER, "minimum": "5", "maximum": "4"}, "maximum", "must not be below"),
    ({"kind": Kind.NUMBER, "minimum": "-1"}, "minimum", "must not be below 0"),
    ({"kind": Kind.TEXT, "min_length": "4000"}, "min_length", "1 to 1000"),
    ({"applies_when": "amount is big"}, "applies_when", "Expected one of >=, <=, >, <, =, not “is”"),
    ({"needs_buyer": "on", "evidence": "none"}, "evidence", "The buyer confirms it"),
    ({"needs_buyer": None, "evidence": "words"}, "evidence", "Only the buyer can give this"),
    ({"kind": "guess"}, "kind", "not one of the available choices"),
    ({"expires_after_days": "0"}, "expires_after_days", "1 to 3650"),
]


def labelled(row, typed):
    return {row + name: value for name, value in {"label": "The buyer did it", **typed}.items()}


@pytest.mark.parametrize(("typed", "field", "words"), WRONG, ids=[f"{w[1]}-{n}" for n, w in enumerate(WRONG)])
def test_a_criterion_nobody_could_answer_is_refused_beside_its_field(client, pipeline, typed, field, words):
    stage = f.stage_of(pipeline, "Qualify")
    new = new_row(client, stage)
    response = save(client, page_of(stage), **labelled(new, typed))
    errors = response.context["inline_admin_formsets"][0].formset.errors[-1]
    assert words in " ".join(errors[field])
    assert stage.criteria.count() == 2 and pipeline.versions.count() == 1
    assert "The buyer did it" in response.content.decode()


RIGHT = [
    (
        {"kind": Kind.CHOICE, "choices": "This year\n\nNext year\nThis year"},
        {"choices": "This year\nNext year"},
    ),
    ({"kind": Kind.ACTIVITY, "activity_kinds": ["demo", "meeting"]}, {"activity_kinds": "meeting, demo"}),
    ({"kind": Kind.STAKEHOLDER, "roles": ["champion"]}, {"roles": "champion"}),
    ({"kind": Kind.DEAL_FIELD, "deal_fields": ["amount", "goals"]}, {"deal_fields": "amount, goals"}),
    ({"kind": Kind.TEXT, "minimum": "7", "min_length": "20"}, {"minimum": None, "min_length": 20}),
    ({"kind": Kind.MONEY, "minimum": "100", "allow_range": "on"}, {"minimum": 100, "allow_range": True}),
    ({"kind": Kind.DATE, "future": "on", "holds_clock": "on"}, {"future": True, "holds_clock": True}),
    ({"kind": Kind.FILE_OR_LINK, "with_date": "on"}, {"with_date": True}),
    ({"kind": Kind.APPROVAL, "approver_roles": ["Account executive"]}, {"roles": "Account executive"}),
    ({"applies_when": "amount >= 25000"}, {"applies_when": "amount >= 25000"}),
    ({"label": "The buyer\r\n said   yes"}, {"label": "The buyer said yes"}),
]


@pytest.mark.parametrize(("typed", "kept"), RIGHT, ids=[str(n) for n in range(len(RIGHT))])
def test_each_kind_of_criterion_is_added_without_code(client, pipeline, typed, kept):
    stage = f.stage_of(pipeline, "Qualify")
    new = new_row(client, stage)
    save(client, page_of(stage), **labelled(new, typed))
    criterion = stage.criteria.latest("pk")
    assert {name: getattr(criterion, name) for name in kept} == kept
    assert criterion.position == 3 and criterion.slug.startswith("the_buyer")
    assert criterion.pk in draft(pipeline).by_criterion


def test_a_label_without_latin_letters_still_gets_a_slug(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    save(client, page_of(stage), **{f"{new_row(client, stage)}label": "Покупатель согласен"})
    assert stage.criteria.latest("pk").slug == "criterion"


def test_only_one_stage_is_the_first_of_a_qualified_deal(client, pipeline):
    response = save(client, page_of(f.stage_of(pipeline, "Close")), qualifies="on")
    assert "“Discover” has this mark already" in response.content.decode()
