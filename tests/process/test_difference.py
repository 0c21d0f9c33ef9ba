"""What two states of a process differ in, in plain words, and whether it asks more or less."""

import pytest
from django.utils import timezone

from pipeline.difference import difference, of_draft, of_versions
from pipeline.drafts import Draft
from pipeline.models import Pipeline, Rule
from pipeline.ordering import swap
from pipeline.publishing import publish
from pipeline.restoring import restore
from pipeline.snapshots import snapshot
from pipeline.vocabulary import Kind

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return f.make_pipeline("Sale").pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


def drafted(pipeline):
    return of_draft(Pipeline.objects.get(pk=pipeline.pk))


def only(pipeline):
    (change,) = drafted(pipeline)
    return change


def edit(pipeline, slug, **columns):
    criterion = f.criterion_of(pipeline, slug)
    for name, value in columns.items():
        setattr(criterion, name, value)
    criterion.save()
    return criterion


def test_an_untouched_draft_differs_in_nothing(pipeline):
    assert not drafted(pipeline) and not Draft(pipeline).count


def test_a_new_criterion_is_named_with_what_it_takes(pipeline):
    new = f.add_criterion(
        f.stage_of(pipeline, "Discover"), "pain", Kind.TEXT, position=2, label="They feel pain"
    )
    change = only(pipeline)
    assert change.in_words == (
        "Discover: asks a new criterion: “They feel pain”. Text, One tap, confirmed by the buyer, never expires."
    )
    assert (change.mark, change.tightens, change.weakens) == ("added", (new.pk,), ())


def test_roles_and_kinds_of_activity_are_said_by_their_names(pipeline):
    columns = {"activity_kinds": "email_in,demo", "roles": "economic_buyer"}
    f.add_criterion(f.stage_of(pipeline, "Discover"), "met", Kind.ACTIVITY, position=2, **columns)
    words = only(pipeline).in_words
    assert "E-mail from the buyer, Demo" in words and "Economic buyer" in words and "_" not in words


def test_a_criterion_retired_is_said_to_be_asked_no_longer_and_weakens(pipeline):
    gone = edit(pipeline, "budget", retired_at=timezone.now())
    change = only(pipeline)
    assert change.in_words == "Qualify: no longer asks “The buyer confirmed budget”."
    assert (change.mark, change.weakens) == ("removed", (gone.pk,))


TIGHTER, WEAKER, BOTH, NEUTRAL = "tightened", "weakened", "tightened weakened", "neutral"
EDITS = [
    (
        "budget",
        {"evidence": "file"},
        "“The buyer confirmed budget”: evidence from “One tap” to “A document”.",
        TIGHTER,
    ),
    ("problem", {"evidence": "who"}, "evidence from “One sentence” to “One tap”", WEAKER),
    ("problem", {"needs_buyer": False}, "the buyer must confirm it: no longer", WEAKER),
    ("budget", {"expires_after_days": 30}, "holds, days from “90” to “30”", TIGHTER),
    ("budget", {"expires_after_days": None}, "holds, days from “90” to “for ever”", WEAKER),
    (
        "budget",
        {"applies_when": "amount >= 25000"},
        "asked when from “always” to “amount from 25,000”",
        WEAKER,
    ),
    ("budget", {"minimum": 5000}, "at least from “nothing” to “5000”", TIGHTER),
    ("budget", {"maximum": 5000}, "at most from “nothing” to “5000”", TIGHTER),
    ("budget", {"allow_range": True}, "a range is fine: yes", WEAKER),
    ("problem", {"min_length": 20}, "shortest text from “nothing” to “20”", TIGHTER),
    ("problem", {"core": False}, "asked of imported deals too: no longer", WEAKER),
    ("problem", {"side": "entry"}, "side from “Exit” to “Entry”", TIGHTER),
    ("problem", {"kind": "choice", "choices": "Yes\nNo"}, "kind from “Text” to “Choice”", BOTH),
    ("problem", {"label": "They named it"}, "“The buyer confirmed problem” in other words.", NEUTRAL),
    ("problem", {"why": "Because"}, "why it is asked: “Because” is new", NEUTRAL),
    ("review", {"future": False}, "date to come: no longer", WEAKER),
    ("signed", {"with_date": False}, "asks for the document's date: no longer", WEAKER),
]


@pytest.mark.parametrize(
    ("slug", "columns", "words", "weight"), EDITS, ids=[str(n) for n in range(len(EDITS))]
)
def test_each_changed_column_is_said_and_weighed(pipeline, slug, columns, words, weight):
    edit(pipeline, slug, **columns)
    change = only(pipeline)
    if "in other words" not in words and weight == NEUTRAL:
        words = "“Because”"
    assert words in change.in_words and change.weight == weight


LISTS = [
    (Kind.STAKEHOLDER, "roles", "champion", "champion, user", TIGHTER),
    (Kind.ACTIVITY, "activity_kinds", "demo", "demo, call", WEAKER),
    (Kind.ACTIVITY, "roles", "champion, user", "champion", TIGHTER),
    (Kind.DEAL_FIELD, "deal_fields", "amount, goals", "amount", WEAKER),
    (Kind.CHOICE, "choices", "Now\nLater", "Now\nLater, perhaps", BOTH),
]


@pytest.mark.parametrize(("kind", "column", "old", "new", "weight"), LISTS)
def test_one_item_more_asks_more_where_all_are_asked_and_less_where_one_is_enough(
    kind, column, old, new, weight
):
    pipeline = f.make_pipeline(stages={"A": [("it", kind, {column: old})], "B": []})
    edit(pipeline, "it", **{column: new})
    assert only(pipeline).weight == weight


@pytest.mark.parametrize(
    ("old", "new", "weight"),
    [
        ("amount >= 25000", "amount >= 10000", TIGHTER),
        ("amount >= 25000", "amount > 25000", WEAKER),
        ("amount >= 25000", "amount >= 25000 or discount_percent > 10", TIGHTER),
        ("amount >= 25000", 'amount >= 25000 and deal_type = "new"', WEAKER),
        ("amount >= 25000", "amount < 25000", BOTH),
        ("amount >= 25000", "amount >= 25000.00", NEUTRAL),
        ('deal_type = "new"', "", TIGHTER),
    ],
)
def test_a_condition_that_asks_fewer_deals_weakens(old, new, weight):
    pipeline = f.make_pipeline(stages={"A": [("it", Kind.TEXT, {"applies_when": old})], "B": []})
    edit(pipeline, "it", applies_when=new)
    found = drafted(pipeline)
    assert [change.weight for change in found] == [weight]


# Stages


def test_a_stage_put_in_between_is_one_change_and_the_others_did_not_move(pipeline):
    for stage in pipeline.stages.filter(position__gte=2).order_by("-position"):
        stage.position += 1
        stage.save()
    new = f.add_stage(pipeline, "Trial", 2, [("tried", Kind.YES_NO, {})])
    change = only(pipeline)
    assert "Trial: a new stage before “Discover”, owned by Account executive, at 40%." in change.in_words
    assert change.tightens == (new.criteria.get().pk,)


def test_stages_that_change_places_ask_some_things_sooner_and_others_later(pipeline):
    """A deal in Discover had not to show what Propose asks; behind Propose it has."""
    swap(pipeline.stages.current(), f.stage_of(pipeline, "Propose").pk, "up")
    change = only(pipeline)
    assert change.mark == "moved" and "moves" in change.text
    sooner = {f.criterion_of(pipeline, slug).pk for slug in ("review", "next_step")}
    assert set(change.tightens) == sooner
    assert change.weakens == (f.criterion_of(pipeline, "summary").pk,)


def test_a_stage_that_leaves_takes_what_it_asked_along(pipeline):
    stage = f.stage_of(pipeline, "Discover")
    stage.retired_at, stage.position = timezone.now(), None
    stage.save()
    change = only(pipeline)
    assert "the stage leaves the process" in change.text and "The buyer confirmed summary" in change.in_words
    assert change.weakens == (f.criterion_of(pipeline, "summary").pk,)


def test_of_a_merged_stage_only_what_nobody_asks_any_more_is_said_to_go(pipeline):
    stage, later = f.stage_of(pipeline, "Qualify"), f.stage_of(pipeline, "Discover")
    edit(pipeline, "problem", stage=later, position=9)
    stage.retired_at, stage.position = timezone.now(), None
    stage.save()
    (gone,) = [change for change in drafted(pipeline) if change.mark == "removed"]
    assert "part of what it asked moves to another stage" in gone.text
    assert gone.details == ("Asked no more: “The buyer confirmed budget”.",)
    assert gone.weakens == (f.criterion_of(pipeline, "budget").pk,)
    edit(pipeline, "budget", stage=later, position=10)
    (gone,) = [change for change in drafted(pipeline) if change.mark == "removed"]
    assert gone.text.endswith("what it asked is asked in another stage.") and not gone.details
    assert not gone.weakens
    back = difference(snapshot(pipeline), Pipeline.objects.get(pk=pipeline.pk).version.snapshot)
    (added,) = [change for change in back if change.mark == "added"]
    assert not added.tightens and not any("Asks" in detail for detail in added.details)


def test_a_criterion_asked_in_a_later_stage_is_weakened(pipeline):
    criterion = edit(pipeline, "budget", stage=f.stage_of(pipeline, "Propose"), position=9)
    change = only(pipeline)
    assert change.in_words == "Propose: “The buyer confirmed budget” is asked here instead of in “Qualify”."
    assert change.weakens == (criterion.pk,) and not change.tightens


def test_words_numbers_and_playbook_of_a_stage(pipeline):
    stage = f.stage_of(pipeline, "Discover")
    stage.name, stage.probability, stage.we_do = "Understand", 55, "Ask\nListen"
    stage.owner_role = f.make_role("Solution engineer")
    stage.save()
    assert [change.in_words for change in drafted(pipeline)] == [
        "Understand: the stage is called “Understand” instead of “Discover”.",
        "Understand: probability, % from “40” to “55”.",
        "Understand: owner role from “Account executive” to “Solution engineer”.",
        "Understand: playbook, what we do. New: “Ask”. New: “Listen”.",
    ]


def test_criteria_that_change_places(pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    swap(stage.criteria.order_by("position"), f.criterion_of(pipeline, "budget").pk, "up")
    change = only(pipeline)
    assert change.text == "“The buyer confirmed budget” moves before “The buyer confirmed problem”." or (
        change.text == "“The buyer confirmed problem” moves to the end of the list."
    )
    assert change.weight == NEUTRAL


# Timers and reasons


def test_timers_and_reasons_are_said_in_words(pipeline):
    Rule.objects.filter(pipeline=pipeline, key="archive").update(days=20)
    Rule.objects.filter(pipeline=pipeline, key="re_engage").update(is_on=False)
    stage = f.stage_of(pipeline, "Close")
    Rule.objects.create(
        pipeline=pipeline, stage=stage, key="archive", trigger="no_activity", days=45, action="archive"
    )
    Pipeline.objects.filter(pk=pipeline.pk).update(lost_reasons="Price\nTiming")
    assert {change.in_words for change in drafted(pipeline)} == {
        "timer: Archive after 20 days, instead of Archive after 30 days.",
        "timer no longer runs: Re-engage after 14 days.",
        "Close: timer: Archive after 45 days.",
        "Reasons for lost. New: “Price”. New: “Timing”.",
    }


def test_a_rule_that_only_notes_what_it_would_do_and_a_new_one_are_said(pipeline):
    legal = f.stage_of(pipeline, "Close")
    Rule.objects.filter(pipeline=pipeline, key="archive").update(is_shadow=True)
    Rule.objects.create(
        pipeline=pipeline,
        stage=legal,
        key="notify",
        trigger="stage_entered",
        days=0,
        action="notify",
        role="Legal",
    )
    assert {change.in_words for change in drafted(pipeline)} == {
        "timer: Archive after 30 days, in shadow, instead of Archive after 30 days.",
        "Close: timer: Notify Legal when the deal enters the stage.",
    }


def test_what_a_mail_says_is_a_difference_too(pipeline):
    rule = Rule.objects.create(
        pipeline=pipeline,
        key="mail",
        trigger="no_response",
        days=3,
        action="mail",
        subject="Hello",
        body="Hello",
    )
    publish(pipeline, by=f.make_admin())
    Rule.objects.filter(pk=rule.pk).update(body="Dear {first_name}")
    assert only(pipeline).in_words == (
        "timer, how it is done: Draft a mail: “Hello” after 3 days without a buyer response."
    )


LATER_COLUMNS = ("person_id", "title", "purpose", "due_days", "subject", "body", "endpoint_id", "is_shadow")


def as_before(version):
    """The version as it was kept when rules had no such columns."""
    for kept in version.snapshot["rules"]:
        for name in LATER_COLUMNS:
            del kept[name]
    return version.snapshot


def test_versions_from_before_rules_said_more_differ_in_nothing(pipeline):
    old = as_before(pipeline.version)
    assert not difference(old, snapshot(pipeline))
    Rule.objects.filter(pipeline=pipeline, key="follow_up").update(title="Call them")
    assert len(difference(old, snapshot(pipeline))) == 1


def test_going_back_to_such_a_version_empties_what_it_did_not_know(pipeline):
    old = as_before(pipeline.version)
    Rule.objects.filter(pipeline=pipeline).update(is_shadow=True, title="Call", purpose="To hear", due_days=4)
    restore(pipeline, old)
    assert not drafted(pipeline)
    assert set(pipeline.rules.values_list("is_shadow", "title", "purpose", "due_days")) == {
        (False, "", "", 0)
    }


# Versions


def test_two_versions_are_compared_from_what_they_kept_and_say_who_owned_them(pipeline):
    first = pipeline.version
    edit(pipeline, "budget", label="They named a budget")
    owner = f.make_admin("Ines Roth")
    Pipeline.objects.filter(pk=pipeline.pk).update(process_owner=owner, name="New sale")
    second = publish(pipeline, by=owner, note="Clearer words")
    assert [change.in_words for change in of_versions(first, second)] == [
        "The process is called “New sale” instead of “Sale”.",
        "Process owner: Ines Roth, before Sofia Brandvik.",
        "Qualify: “The buyer confirmed budget” in other words. label from “The buyer confirmed budget” to "
        "“They named a budget”.",
    ]
    assert not of_versions(second, second)


def test_a_snapshot_from_before_a_column_was_kept_says_nothing_about_it(pipeline):
    old = pipeline.version.snapshot
    for stage in old["stages"]:
        stage.pop("journey_step"), [criterion.pop("core") for criterion in stage["criteria"]]
    assert not difference(old, pipeline.version.snapshot)


def test_before_the_first_publication_everything_is_new():
    pipeline = Pipeline.objects.create(slug="new", name="New", process_owner=f.make_admin())
    f.add_stage(pipeline, "Talk", 1, [("said", Kind.TEXT, {})])
    assert [change.mark for change in drafted(pipeline)] == ["added"]
