"""The demo tells the same story whenever it is told: on another run, and on another weekday."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from deals.demo import build, stories
from deals.models import Activity, Answer, Deal, Task, Transition

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)  # a Friday
FEW = {"tellers": [stories.vellgrove, stories.marrowfen], "every": 30}

# model, order, columns: what is said, without the ids it is stored under
SAID = [
    (Deal, ["name"], ["name", "stage__slug", "status", "amount", "next_step", "next_step_on"]),
    (Transition, ["deal__name", "seq"], ["deal__name", "kind", "happened_at", "reason"]),
    (
        Answer,
        ["deal__name", "criterion__slug", "recorded_at"],
        ["criterion__slug", "state", "text", "number", "words"],
    ),
    (Activity, ["deal__name", "happened_at", "kind"], ["deal__name", "kind", "body"]),
    (Task, ["deal__name", "due_on"], ["deal__name", "title", "due_on", "done_at"]),
]


def told(now):
    """Everything a small demo says, without the ids it was stored under."""
    with transaction.atomic():
        build.build(now, **FEW)
        rows = [
            row
            for model, order, columns in SAID
            for row in model.objects.order_by(*order).values_list(*columns)
        ]
        transaction.set_rollback(True)
    return rows


def test_two_runs_of_one_day_tell_the_same_and_a_weekend_is_still_its_friday():
    friday = told(AT)
    assert len(friday) > 300
    assert told(AT + timedelta(days=1, hours=5)) == friday


@pytest.mark.parametrize("days", [3, 5])
def test_any_weekday_can_be_the_day_of_the_demo(days):
    assert len(told(AT + timedelta(days=days))) > 300


def test_a_time_nobody_can_read_is_named_with_an_example():
    with pytest.raises(CommandError, match="tomorrow is no time. Write it like 2026"):
        call_command("demo", "--at", "tomorrow")
    assert not Deal.objects.exists()
