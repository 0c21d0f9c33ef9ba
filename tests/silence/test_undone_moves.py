"""The undo of a move goes back to the day the stage was entered, and takes back what entering another one began."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automations.sweep import sweep
from deals import moves
from deals.models import Kind, Task
from pipeline.models import Pipeline, Rule
from pipeline.publishing import publish

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline():
    """Whoever enters the second stage gives somebody a task."""
    made = f.make_pipeline()
    stage = made.stages.all()[1]
    Rule.objects.create(
        pipeline=made, stage=stage, key="enter", action="task", trigger="stage_entered", days=0
    )
    publish(made, by=made.process_owner, note="A task on entering")
    return Pipeline.objects.get(pk=made.pk)


@pytest.fixture
def first(pipeline):
    return pipeline.stages.all()[0]


@pytest.fixture
def deal(pipeline):
    """Entered its second stage just now, and the task of that is made."""
    deal = f.walk_to(f.make_deal(pipeline), pipeline.stages.all()[1].name)
    sweep(timezone.now())
    assert Task.objects.unfinished().filter(rule_key="enter").count() == 1
    return f.fresh(deal)


def back(deal, first, now):
    return moves.back(
        deal.pk,
        to=first.pk,
        reason="They changed their mind",
        by=deal.owner,
        seen_seq=f.fresh(deal).seq,
        now=now,
    )


def undo(deal, now):
    moves.undo(deal.pk, by=deal.owner, seen_seq=f.fresh(deal).seq, now=now)
    return f.fresh(deal)


def test_time_in_the_stage_goes_on_where_it_was(deal, first):
    entered, later = deal.stage_entered_at, timezone.now() + timedelta(days=3)
    for hours in (0, 2):  # also where the row before is an undo
        back(deal, first, later + timedelta(hours=hours))
        assert f.fresh(deal).stage_entered_at == later + timedelta(hours=hours)
        assert undo(deal, later + timedelta(hours=hours + 1)).stage_entered_at == entered


def test_entering_is_not_fired_again(deal, first):
    later = timezone.now() + timedelta(days=3)
    back(deal, first, later)
    undo(deal, later + timedelta(minutes=5))
    sweep(later + timedelta(minutes=10))
    assert Task.objects.filter(rule_key="enter").count() == 1


def test_undo_of_the_entry_takes_its_task_back_and_the_next_entry_makes_one_anew(deal, first):
    created, second = f.fresh(deal).transitions.get(kind=Kind.CREATE).happened_at, deal.stage_id
    undone = undo(deal, timezone.now())
    assert (undone.stage_id, undone.stage_entered_at) == (first.pk, created)
    assert Task.objects.get(rule_key="enter").cancelled_why == "undone"
    later = timezone.now() + timedelta(minutes=1)
    moves.advance(deal.pk, to=second, by=deal.owner, seen_seq=f.fresh(deal).seq, now=later)
    sweep(later)
    assert Task.objects.unfinished().filter(rule_key="enter").count() == 1


def test_a_task_of_entering_stays_where_the_deal_goes_on(deal, pipeline):
    f.walk_to(deal, pipeline.stages.all()[2].name)
    assert Task.objects.unfinished().filter(rule_key="enter").count() == 1
