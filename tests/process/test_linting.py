"""The linter: a process is told where it is weak, and a good one is left alone."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from pipeline.documents import read
from pipeline.linting import Level, lint, lint_published
from pipeline.loading import TEMPLATES, load
from pipeline.models import Criterion, Pipeline, Rule, Stage
from pipeline.vocabulary import Evidence, Kind
from team.models import Role

from .. import factories as f

pytestmark = pytest.mark.django_db

SHIPPED = sorted(path.stem for path in TEMPLATES.glob("*.toml"))
CLEAN = {"buying_journey": "Decide to act\nCompare"}


def sound(**fields):
    """A small process the linter has nothing to say about."""
    pipeline = f.make_pipeline(**{**CLEAN, **fields})
    for number, stage in enumerate(pipeline.stages.all()):
        stage.we_do, stage.buyer_needs = "Listen first", "To be understood"
        stage.journey_step = "Compare" if number else "Decide to act"
        stage.save()
    Criterion.objects.update(why="It tells who decides.", good="Said by the head of operations.")
    pipeline.process_owner.roles.add(f.make_role())
    return pipeline


def codes(pipeline, level=None):
    return [finding.code for finding in lint(pipeline) if level in (None, finding.level)]


def only(pipeline, code):
    """The one finding of that code, which must be the only one there is."""
    found = lint(pipeline)
    assert [finding.code for finding in found] == [code], [str(finding) for finding in found]
    return found[0]


def change(pipeline, slug, **columns):
    Criterion.objects.filter(stage__pipeline=pipeline, slug=slug).update(**columns)
    return pipeline


def test_a_sound_process_is_left_alone():
    assert lint(sound()) == []
    assert lint_published(sound()) != []  # published before it was mended, and not again since


@pytest.mark.parametrize("stem", SHIPPED)
def test_a_shipped_process_gives_no_finding_once_its_roles_are_held(stem):
    admin = f.make_admin()
    pipeline = load(read(TEMPLATES / f"{stem}.toml"), by=admin, owner=admin)
    admin.roles.set(Role.objects.all())
    assert [str(finding) for finding in lint(pipeline)] == []
    assert [str(finding) for finding in lint_published(pipeline)] == []


UNHELD = {
    "b2b-seven-stages": {
        "Legal": "warn",
        "Finance": "warn",
        "Account executive": "hint",
        "Sales manager": "hint",
    },
    "smb-four-stages": {"Account executive": "hint", "Sales manager": "hint"},
}


@pytest.mark.parametrize("stem", UNHELD)
def test_a_fresh_organisation_is_told_which_roles_nobody_holds(stem):
    admin = f.make_admin()
    pipeline = load(read(TEMPLATES / f"{stem}.toml"), by=admin, owner=admin)
    found = lint(pipeline)
    assert {finding.code for finding in found} == {"role-unheld"}
    told = {name: str(x.level) for x in found for name in UNHELD[stem] if f" {name}:" in x.text}
    assert told == UNHELD[stem] and len(found) == len(told)


@pytest.mark.parametrize("count, told", [(3, True), (4, False), (7, False), (8, True)])
def test_fewer_than_four_or_more_than_seven_stages_is_a_warning_and_no_error(count, told):
    pipeline = f.make_pipeline(
        stages={f"Step {chr(64 + n)}": f.SIMPLE["Discover"] for n in range(1, count + 1)}
    )
    assert ("stage-count" in codes(pipeline, Level.WARN)) == told
    assert Level.ERROR not in {finding.level for finding in lint(pipeline)}


def test_how_many_stages_are_right_can_be_set(settings):
    settings.STAGES_AT_MOST = 3
    assert "stage-count" in codes(sound())


def test_a_criterion_that_names_our_act_is_warned_of_and_the_buyers_response_is_not():
    pipeline = change(sound(), "problem", label="Proposal sent")
    finding = only(pipeline, "sellers-act")
    assert finding.level == Level.WARN and str(finding.where) == "Qualify, “Proposal sent”"
    assert lint(change(pipeline, "problem", label="The buyer confirmed receipt")) == []


def test_a_stage_that_names_our_act_or_a_feeling_is_warned_of():
    pipeline = sound()
    Stage.objects.filter(pipeline=pipeline, slug="discover").update(name="Demo completed")
    assert only(pipeline, "sellers-act").where.names == ("Demo completed",)
    Stage.objects.filter(pipeline=pipeline, slug="discover").update(name="Interested")
    assert "how a deal feels" in only(pipeline, "vague").text
    Stage.objects.filter(pipeline=pipeline, slug="discover").update(
        name="Discover", buyer_action="We sent the offer"
    )
    assert "names what we did" in only(pipeline, "sellers-act").text


def test_an_activity_of_ours_alone_proves_nothing_about_the_buyer():
    pipeline = change(
        sound(), "problem", kind=Kind.ACTIVITY, activity_kinds="proposal", label="It is with them",
        needs_buyer=False, evidence=Evidence.NONE,
    )  # fmt: skip
    only(pipeline, "sellers-act")


def test_a_label_without_a_condition_is_warned_of():
    only(change(sound(), "problem", label="Business problem"), "not-measurable")
    assert lint(change(sound(), "budget", label="Their budget")) == []  # an amount is its own measure


def test_a_gate_that_asks_nothing_is_an_open_gate():
    pipeline = f.make_pipeline("Open", {**f.SIMPLE, "Discover": []})
    assert [x.where.names for x in lint(pipeline) if x.code == "open-gate"] == [("Discover",)]


def test_no_archive_and_no_follow_up_are_warned_of_for_all_or_for_the_stages_that_lack_them():
    pipeline = sound()
    Rule.objects.filter(pipeline=pipeline, key="archive").update(is_on=False)
    assert only(pipeline, "no-archive").where.names == ()
    own = {"trigger": "no_activity", "days": 40, "action": "archive"}
    for stage in pipeline.stages.exclude(slug="close"):
        Rule.objects.create(pipeline=pipeline, stage=stage, key="archive", **own)
    assert only(pipeline, "no-archive").where.names == ("Close",)
    Rule.objects.filter(pipeline=pipeline).update(is_on=True)
    Rule.objects.filter(pipeline=pipeline, key="follow_up").update(is_on=False)
    only(pipeline, "no-follow-up")


def test_archiving_before_the_last_attempt_is_an_error():
    pipeline = sound()
    Rule.objects.filter(pipeline=pipeline, key="archive").update(days=10)
    assert only(pipeline, "archive-too-soon").level == Level.ERROR


def test_more_than_one_thing_of_the_buyers_own_making_at_a_gate_is_warned_of():
    pipeline = change(sound(), "problem", evidence=Evidence.OWN)
    assert lint(pipeline) == []
    change(pipeline, "budget", evidence=Evidence.FILE)
    assert "2 criteria of this gate" in only(pipeline, "too-much-own").text


def test_what_the_next_stage_asks_on_entering_belongs_to_the_same_gate():
    pipeline = change(sound(), "problem", evidence=Evidence.OWN)
    change(pipeline, "summary", side="entry")
    assert codes(pipeline) == ["too-much-own", "open-gate"]


def test_a_journey_is_served_by_stages_and_stages_serve_a_journey():
    pipeline = sound()
    Pipeline.objects.filter(pk=pipeline.pk).update(buying_journey="Decide to act\nCompare\nSign")
    pipeline.refresh_from_db()
    assert "“Sign”" in only(pipeline, "journey-unserved").text
    Stage.objects.filter(pipeline=pipeline, slug="close").update(journey_step="Sign")
    assert lint(pipeline) == []
    Stage.objects.filter(pipeline=pipeline, slug="discover").update(journey_step="")
    assert only(pipeline, "journey-unmapped").where.names == ("Discover",)
    Stage.objects.filter(pipeline=pipeline, slug="discover").update(journey_step="Dream")
    only(pipeline, "journey-unknown")
    Pipeline.objects.filter(pk=pipeline.pk).update(buying_journey="")
    pipeline.refresh_from_db()
    assert only(pipeline, "no-journey").level == Level.HINT


def test_an_action_without_a_need_of_the_buyers_is_listed():
    pipeline = sound()
    stage = f.stage_of(pipeline, "Discover")
    Stage.objects.filter(pk=stage.pk).update(we_do="Send the deck\nChase", buyer_needs="")
    assert "Send the deck; Chase" in only(pipeline, "orphan-actions").text
    Stage.objects.filter(pk=stage.pk).update(buyer_needs="To think")
    assert only(pipeline, "orphan-actions").level == Level.HINT
    Stage.objects.filter(pk=stage.pk).update(we_do="", buyer_needs="")
    assert only(pipeline, "no-needs").level == Level.WARN


def test_a_criterion_without_why_or_example_is_hinted_at():
    finding = only(change(sound(), "problem", good=""), "no-guidance")
    assert finding.level == Level.HINT and "here: no example." in finding.text


def test_a_process_without_owner_or_stages_is_an_error():
    empty = Pipeline.objects.create(slug="empty", name="Empty")
    assert codes(empty, Level.ERROR) == ["no-owner", "no-stages"]


def test_an_approval_by_a_role_nobody_holds_is_warned_of():
    pipeline = change(
        sound(), "problem", kind=Kind.APPROVAL, roles="Legal", needs_buyer=False, evidence=Evidence.NONE,
        label="Legal on our side has approved the terms",
    )  # fmt: skip
    assert only(pipeline, "role-unheld").level == Level.WARN
    f.make_user("Piet Olen").roles.add(f.make_role("Legal"))
    assert lint(pipeline) == []


def test_the_command_ends_with_status_one_on_errors_and_on_warnings_only_when_strict():
    pipeline = sound(name="Small")
    out = StringIO()
    call_command("lint_process", "small", strict=True, stdout=out)
    assert "nothing to say" in out.getvalue()
    change(pipeline, "problem", label="Proposal sent")
    call_command("lint_process", "small", stdout=out)
    assert "small: warn: Qualify, “Proposal sent”: It names what we do." in out.getvalue()
    with pytest.raises(CommandError) as stopped:
        call_command("lint_process", strict=True, stdout=out)
    assert stopped.value.returncode == 1
    Pipeline.objects.filter(pk=pipeline.pk).update(process_owner=None)
    with pytest.raises(CommandError):
        call_command("lint_process", "small", stdout=out)
    with pytest.raises(CommandError, match="there are: small"):
        call_command("lint_process", "nothing", stdout=out)


def test_what_is_in_force_is_looked_at_when_asked_for():
    pipeline = sound(name="Small")
    change(pipeline, "problem", label="Proposal sent")
    out = StringIO()
    call_command("lint_process", "small", published=True, stdout=out)
    assert "Proposal sent" not in out.getvalue() and "[no-guidance]" in out.getvalue()
