"""How healthy a process is: layer by layer, in its words, and by what its deals say."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from deals import moves
from deals.models import Answer, AnswerState, ExceptionState, GateException, WaivedCriterion
from deals.publishing import process_health
from pipeline.linting import layers_of, of_draft
from pipeline.models import Criterion, Pipeline, Rule, Stage
from pipeline.process import process_of
from pipeline.publishing import publish

from .. import factories as f
from .test_linting import sound
from .test_process_page import shipped, text_of

pytestmark = pytest.mark.django_db
PATH = "/process/small/health/"


def said(pipeline, code=None):
    found = process_health.findings(pipeline, timezone.now())
    return [(x.code, x.where.criterion_id) for x in found if code in (None, x.code)]


def layers(pipeline):
    return {layer.name: layer.state for layer in layers_of(of_draft(pipeline) if pipeline else None)}


# Layers (R158)


def test_a_process_that_does_not_exist_is_undefined_in_every_layer():
    assert set(layers(None).values()) == {"undefined"} and len(layers(None)) == 5


def test_an_empty_process_is_undefined_layer_by_layer():
    assert set(layers(Pipeline.objects.create(slug="empty", name="Empty")).values()) == {"undefined"}


def test_a_whole_process_is_defined_in_every_layer():
    pipeline = f.make_pipeline()
    pipeline.process_owner.roles.add(f.make_role())
    assert set(layers(pipeline).values()) == {"defined"}


def test_what_is_there_in_part_says_where_it_is_missing():
    pipeline = f.make_pipeline(stages={**f.SIMPLE, "Discover": []})
    Rule.objects.filter(key="archive").update(is_on=False)
    discover = f.stage_of(pipeline, "Discover")
    off = {"trigger": "no_response", "days": 5, "action": "task", "is_on": False}
    Rule.objects.create(pipeline=pipeline, stage=discover, key="follow_up", **off)
    found = {layer.name: layer for layer in layers_of(of_draft(pipeline))}
    assert {name: layer.state for name, layer in found.items()} == {
        "Stages": "defined",
        "Criteria": "partly",
        "Ownership": "partly",
        "Follow-up": "partly",
        "Archive": "undefined",
    }
    assert "Discover" in found["Criteria"].verdict and "Discover" in found["Follow-up"].verdict
    assert "Account executive" in found["Ownership"].verdict


# What the deals say


def passing(pipeline, count):
    """Deals that go on from the first stage."""
    rep = f.make_user()
    for _ in range(count):
        f.make_deal(pipeline, rep, stage="Discover")


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(process_health, "PASSES", 4)


def test_a_criterion_that_never_held_a_deal_up_is_hinted_at(few):
    pipeline = f.make_pipeline()
    passing(pipeline, 3)
    assert said(pipeline) == []
    passing(pipeline, 1)
    asked = process_of(pipeline).exit_criteria(process_of(pipeline).entry.stage_id)
    assert said(pipeline) == [("never-fails", c.criterion_id) for c in asked]


def test_a_refusal_shows_that_it_tells_deals_apart(few):
    pipeline = f.make_pipeline()
    passing(pipeline, 4)
    deal, process = f.make_deal(pipeline), process_of(pipeline)
    problem, budget = process.exit_criteria(process.entry.stage_id)
    f.satisfy_all(deal, [budget])
    with pytest.raises(moves.GateClosed):
        moves.advance(
            deal.pk, to=process.stage_after(deal.stage_id).stage_id, seen_seq=deal.seq, by=deal.owner
        )
    assert said(pipeline) == [("never-fails", budget.criterion_id)]


def test_what_was_asked_otherwise_before_is_counted_anew(few):
    pipeline = f.make_pipeline()
    passing(pipeline, 4)
    Criterion.objects.filter(stage__pipeline=pipeline, slug="problem").update(min_length=40)
    publish(pipeline, by=pipeline.process_owner, note="At least a sentence")
    pipeline.refresh_from_db()
    assert said(pipeline) == [("never-fails", f.criterion_of(pipeline, "budget").pk)]


def waive(pipeline, slug, count):
    criterion, rep = f.criterion_of(pipeline, slug), f.make_user()
    now, target = timezone.now(), f.stage_of(pipeline, "Discover")
    for _ in range(count):
        exception = GateException.objects.create(
            deal=f.make_deal(pipeline, rep), to_stage=target, state=ExceptionState.GRANTED, asked_by=rep,
            asked_at=now, seen_seq=1, reason="Tender closes", expires_on=now.date() + timedelta(days=14),
            decided_by=pipeline.process_owner, decided_at=now,
        )  # fmt: skip
        WaivedCriterion.objects.create(exception=exception, criterion=criterion)
    return criterion.pk


def test_a_criterion_everybody_waives_is_warned_of():
    pipeline = f.make_pipeline()
    waive(pipeline, "budget", 2)
    assert said(pipeline) == []
    budget = waive(pipeline, "budget", 1)
    assert said(pipeline) == [("often-waived", budget)]
    passing(pipeline, 7)
    assert said(pipeline) == []  # three of ten


def test_a_criterion_everybody_only_claims_is_warned_of(monkeypatch):
    monkeypatch.setattr(process_health, "CLAIMED", 3)
    pipeline = f.make_pipeline()
    passing(pipeline, 4)
    answers = Answer.objects.current().filter(criterion=f.criterion_of(pipeline, "problem"))
    for answer in answers[:3]:
        Answer.objects.create(
            deal=f.make_deal(pipeline), criterion=answer.criterion, state=AnswerState.CLAIMED, text="They said so",
            recorded_at=timezone.now(),
        )  # fmt: skip
    assert said(pipeline) == []  # three of seven
    Answer.objects.create(
        deal=f.make_deal(pipeline), criterion=answers[0].criterion, state=AnswerState.CLAIMED, text="They said so",
        recorded_at=timezone.now(),
    )  # fmt: skip
    assert said(pipeline) == [("often-claimed", f.criterion_of(pipeline, "problem").pk)]


def test_the_deals_are_asked_the_same_few_questions_however_many_there_are(django_assert_num_queries):
    pipeline = f.make_pipeline()
    passing(pipeline, 1)
    process_of(pipeline)
    with django_assert_num_queries(4):
        process_health.findings(pipeline, timezone.now())
    passing(pipeline, 6)
    with django_assert_num_queries(4):
        process_health.findings(pipeline, timezone.now())


def printed(*args, **options):
    out = StringIO()
    call_command("lint_process", *args, stdout=out, **options)
    return [line for line in out.getvalue().splitlines() if "-waived]" in line or "-fails]" in line]


def test_the_command_prints_what_the_deals_say_the_worst_first(few):
    pipeline = sound(name="Small")
    assert printed("small", strict=True) == []
    passing(pipeline, 4)
    waive(pipeline, "budget", 3)
    for options in ({}, {"published": True}):
        waived, unfailing = printed("small", **options)
        assert waived.startswith(
            "small: warn: Qualify, “The buyer confirmed budget”: Waived by exception 3 of 7 "
        )
        assert unfailing.startswith("small: hint: Qualify, “")
        assert "4 deals passed it, and it never held one up. Drop it" in unfailing
    with pytest.raises(CommandError):
        printed("small", strict=True)


def test_of_a_process_that_is_not_in_force_no_deal_says_anything():
    Pipeline.objects.create(slug="empty", name="Empty")
    with pytest.raises(CommandError):
        printed("empty", published=True)


# The page


def test_the_page_shows_layers_findings_and_what_the_deals_say(client):
    pipeline = f.make_pipeline("Small", {**f.SIMPLE, "Discover": []})
    waive(pipeline, "budget", 3)
    page = text_of(client, f.make_user("Piet Olen"), PATH)
    assert 'data-finding="open-gate"' in page and 'data-finding="often-waived"' in page
    assert 'data-layer="partly"' in page and "Version 1" in page and "/admin/" not in page
    assert "Mark as reviewed" not in page


def test_a_journey_step_without_a_stage_shows_as_a_gap(client):
    pipeline, admin = shipped()
    assert "No stage serves" not in text_of(client, admin, "/process/b2b-seven-stages/health/")
    Stage.objects.filter(pipeline=pipeline, slug="discover").update(journey_step="")
    publish(pipeline, by=admin, note="Mapping removed")
    page = text_of(client, admin, "/process/b2b-seven-stages/health/")
    assert "No stage serves the buyer&#x27;s step “Understand the problem and what it costs”." in page
    assert "no stage serves it" in text_of(client, admin, "/process/b2b-seven-stages/")


def test_the_page_of_a_process_that_is_not_in_force_looks_at_its_draft(client):
    Pipeline.objects.create(slug="started", name="Started")
    page = text_of(client, f.make_user(), "/process/started/health/")
    assert "not in force yet" in page and page.count('data-layer="undefined"') == 5
    text_of(client, f.make_user(), "/process/nothing/health/", status=404)


def test_the_review_begins_with_the_figures_of_the_last_quarter_of_this_process(client):
    pipeline, admin = shipped()
    page = text_of(client, admin, "/process/b2b-seven-stages/health/")
    look = f"pipeline={pipeline.pk}&period=last_quarter"
    for path in ("/dashboard/", "/dashboard/learning/", "/dashboard/print/"):
        assert f'href="{path}?{look.replace("&", "&amp;")}"' in page
        assert 'value="last_quarter" selected' in text_of(client, admin, f"{path}?{look}") or "print" in path
