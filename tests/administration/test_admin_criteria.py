"""What a criterion may say, and what each kind of it needs."""

import pytest

from pipeline.vocabulary import Kind

from .. import factories as f
from ..admin_process import draft, page_of, post, save
from ..forms_of import form_of

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


def save_rows(client, stage, cases):
    """Type each case into a new row of its own on the page of a stage, and save them all at once."""
    shown = form_of(client.get(page_of(stage)), "_form")
    first = int(shown.pop("criteria-TOTAL_FORMS")) - 1
    start = f"criteria-{first}-"
    blank = {name.removeprefix(start): value for name, value in shown.items() if name.startswith(start)}
    rows = {"criteria-TOTAL_FORMS": str(first + len(cases))}
    for number, typed in enumerate(cases):
        row = {**blank, "label": f"The buyer did it {number}", **typed}
        rows |= {f"criteria-{first + number}-{name}": value for name, value in row.items()}
    return post(client, page_of(stage), {**shown, "_save": "Save", **rows})


def test_a_criterion_nobody_could_answer_is_refused_beside_its_field(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    response = save_rows(client, stage, [typed for typed, _field, _words in WRONG])
    errors = response.context["inline_admin_formsets"][0].formset.errors[-len(WRONG) :]
    for number, (typed, field, words) in enumerate(WRONG):
        assert list(errors[number]) == [field] and words in " ".join(errors[number][field]), typed
        assert f"The buyer did it {number}" in response.content.decode(), typed
    assert stage.criteria.count() == 2 and pipeline.versions.count() == 1


def test_one_wrong_criterion_keeps_the_right_ones_from_being_saved(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    response = save_rows(client, stage, [RIGHT[0][0], WRONG[0][0]])
    errors = response.context["inline_admin_formsets"][0].formset.errors[-2:]
    assert errors[0] == {} and list(errors[1]) == [WRONG[0][1]]
    assert stage.criteria.count() == 2 and pipeline.versions.count() == 1


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


def test_each_kind_of_criterion_is_added_without_code(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    save_rows(client, stage, [typed for typed, _kept in RIGHT])
    made = list(stage.criteria.order_by("position"))[2:]
    assert [criterion.position for criterion in made] == list(range(3, 3 + len(RIGHT)))
    asked = draft(pipeline).by_criterion
    for (typed, kept), criterion in zip(RIGHT, made, strict=True):
        assert {name: getattr(criterion, name) for name in kept} == kept, typed
        assert criterion.slug.startswith("the_buyer") and criterion.pk in asked, typed


def test_a_label_without_latin_letters_still_gets_a_slug(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    save(client, page_of(stage), {"": {"label": "Покупатель согласен"}})
    assert stage.criteria.latest("pk").slug == "criterion"


def test_only_one_stage_is_the_first_of_a_qualified_deal(client, pipeline):
    response = save(client, page_of(f.stage_of(pipeline, "Close")), qualifies="on")
    assert "“Discover” has this mark already" in response.content.decode()
