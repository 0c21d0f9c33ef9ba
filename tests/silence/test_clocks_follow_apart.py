"""While clocks follow a publication: archives wait, whatever is stored as due; one pipeline stops no other; a calendar
that changes in between is gone by."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automations import mass, sweep, tick, watch
from automations.models import Hold, Tick
from deals.models import ClocksToFollow, Deal, Status, Task
from deals.timers import due_following, due_stored, due_together
from team.models import Organisation, remembered

from .. import clockwork as c
from .. import factories as f
from .test_clocks_follow import all_right, few_at_a_time, put, silent, statuses

__all__ = ["few_at_a_time"]  # a fixture
pytestmark = pytest.mark.django_db
EIGHT_DAYS = c.days(8)


@pytest.fixture
def twelve(monkeypatch):
    """(pipeline, deals): more than may be archived unasked, of which a follow-up is stored as what is due."""
    monkeypatch.setattr(mass, "FEW", 3)
    pipeline, deals = silent(12)
    for deal in deals:
        c.proposal(deal)
    return pipeline, deals


def test_no_archive_comes_before_its_clock_followed_where_a_task_is_stored_as_due(twelve):
    pipeline, deals = twelve
    put(pipeline, "archive", 4)
    assert sweep.sweep(EIGHT_DAYS).archived == 0
    assert statuses(deals) == {Status.OPEN} and not Hold.objects.exists()


def test_a_manager_is_asked_where_the_clocks_have_followed_in_the_middle_of_a_sweep(twelve, monkeypatch):
    pipeline, deals = twelve
    put(pipeline, "archive", 4)
    chunk = sweep._chunk

    def and_a_worker(*given):
        again = chunk(*given)
        return due_following.go_on() > 0 or again

    monkeypatch.setattr(sweep, "_chunk", and_a_worker)
    assert sweep.sweep(EIGHT_DAYS).archived == 0
    assert not ClocksToFollow.objects.exists() and Hold.objects.get().details["count"] == len(deals)
    assert statuses(deals) == {Status.OPEN}


def test_a_pipeline_whose_clocks_cannot_follow_stops_no_other(monkeypatch):
    pipeline, _deals = silent(3)
    other = f.make_pipeline("Other")
    fine = c.quiet_deal(other)
    c.proposal(fine)
    put(pipeline, "archive", 45)
    known = due_following.process_of

    def failing(asked):
        if asked.pk == pipeline.pk:
            raise ValueError("a line of it is missing")
        return known(asked)

    monkeypatch.setattr(due_following, "process_of", failing)
    tick.run(EIGHT_DAYS)
    assert Task.objects.get().deal == fine and ClocksToFollow.objects.get().done == 0
    monkeypatch.undo()
    due_following.go_on()
    assert all_right()


def test_a_process_that_cannot_be_read_when_dates_are_checked_stops_no_other(monkeypatch):
    unreadable = f.make_pipeline("Other")
    c.quiet_deal(unreadable)
    fine = c.quiet_deal(f.make_pipeline("New business"))
    c.proposal(fine)
    late = Deal.objects.filter(pk=fine.pk)
    late.update(next_due_at=c.days(99))
    known = due_stored.process_known

    def failing(token, pipeline_id):
        if pipeline_id == unreadable.pk:
            raise ValueError("a line of it is missing")
        return known(token, pipeline_id)

    for module in (due_stored, watch):
        monkeypatch.setattr(module, "process_known", failing)
    assert tick.run(EIGHT_DAYS).swept.tasks == 1
    assert Task.objects.get().deal == fine, "its date was put right, and came"
    assert Tick.objects.get().checking_after is None, "done for today"


def test_a_calendar_that_changes_meanwhile_is_gone_by(monkeypatch):
    pipeline, _deals = silent(6)
    put(pipeline, "archive", 45)
    follow, chunks = due_together.follow, []

    def and_a_move_to_auckland(*given, **more):
        follow(*given, **more)
        chunks.append(1)
        if len(chunks) == 1:
            move_to_auckland()

    monkeypatch.setattr(due_together, "follow", and_a_move_to_auckland)
    due_following.go_on()
    assert len(chunks) > 2 and all_right()


@remembered(anew=True)
def move_to_auckland():
    """What an admin does, and another tick."""
    Organisation.objects.update(time_zone="Pacific/Auckland")
    watch.check_dates(timezone.now() + timedelta(seconds=1))
