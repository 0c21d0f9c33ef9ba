"""When each kind of rule comes due: over weekends, holidays, daylight saving and a leap day, by the team's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deals.timers import due
from deals.timers.firing_words import why
from pipeline.drafting import process_of_draft
from pipeline.models import Rule
from team.calendar import WorkCalendar, local_date, start_of

from .. import factories as f

pytestmark = pytest.mark.django_db
BERLIN = WorkCalendar("Europe/Berlin", "12345", "DE", "BE", "2026-12-24 Christmas Eve")
NEW_YORK = WorkCalendar("America/New_York", "12345", "US", "")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def deal():
    deal = f.make_deal(stage="Propose")
    deal.pipeline.rules.update(is_on=False)
    return deal


def due_of(deal, calendar=BERLIN, *, stage_days=10, **columns):
    """The Due of the only rule there is; None where it does not apply."""
    columns = {"key": "task", "action": "task"} | columns
    rule = Rule.objects.create(pipeline=deal.pipeline, **columns)
    deal.pipeline.stages.update(target_days=stage_days)
    process = process_of_draft(deal.pipeline)
    for definition in process.rules:
        definition.valid_from = at("2026-01-01 00:00")
    found = due.upcoming(deal, process, calendar, {})
    return next((one for one in found if one.definition.rule_id == rule.pk), None)


BUSINESS = {"business_days": True}
CASES = [
    # trigger, what happened, days, by which calendar, the day
    ("no_response", "2026-11-04 10:00", 5, BUSINESS, "2026-11-11"),  # over a weekend
    ("no_response", "2026-11-06 23:30", 1, BUSINESS, "2026-11-09"),  # Saturday already, in Berlin
    ("no_response", "2026-04-01 10:00", 5, BUSINESS, "2026-04-10"),  # over Easter
    ("no_response", "2026-12-22 10:00", 2, BUSINESS, "2026-12-28"),  # the company is closed, then Christmas
    ("no_response", "2026-10-21 10:00", 14, {}, "2026-11-04"),  # clocks go back
    ("no_activity", "2028-02-27 10:00", 30, {}, "2028-03-28"),  # over a leap day
    ("no_activity", "2028-02-28 10:00", 1, BUSINESS, "2028-02-29"),
    (
        "stage_entered",
        "2026-03-27 10:00",
        1,
        BUSINESS,
        "2026-03-30",
    ),  # clocks go forward on the Sunday between
    ("over_target", "2026-11-01 10:00", 4, {}, "2026-11-15"),  # target 10 days, four more
    ("over_target", "2026-11-01 10:00", 4, BUSINESS, "2026-11-17"),  # target 10 days, four working days more
]


@pytest.mark.parametrize(("trigger", "happened", "days", "business", "day"), CASES)
def test_a_rule_comes_due_at_the_first_moment_of_its_day(deal, trigger, happened, days, business, day):
    moment = at(happened)
    deal.awaiting_since = moment if trigger == "no_response" else None
    deal.last_buyer_activity_at = deal.stage_entered_at = moment
    found = due_of(deal, trigger=trigger, days=days, **business)
    assert found.on == date.fromisoformat(day)
    assert found.at == start_of(found.on, BERLIN)
    assert local_date(found.at, BERLIN) == found.on
    assert local_date(found.at - timedelta(seconds=1), BERLIN) < found.on


DATES = [("next_step_passed", "next_step_on"), ("close_passed", "expected_close")]


@pytest.mark.parametrize(("trigger", "column"), DATES)
def test_a_date_has_passed_when_the_days_after_it_are_over(deal, trigger, column):
    setattr(deal, column, date(2026, 11, 6))
    assert due_of(deal, trigger=trigger, days=2, **BUSINESS).on == date(2026, 11, 10)
    setattr(deal, column, None)
    assert due_of(deal, trigger=trigger, days=3, key="task_2") is None


def test_entering_a_stage_is_at_once_and_not_for_who_was_there_before_the_rule(deal):
    deal.stage_entered_at = at("2026-11-05 10:17")
    found = due_of(deal, trigger="stage_entered", days=0)
    assert found.at == deal.stage_entered_at
    deal.stage_entered_at = at("2025-11-05 10:17")
    assert due_of(deal, trigger="stage_entered", days=0, key="task_2") is None


def test_another_teams_calendar_has_another_day(deal):
    deal.awaiting_since = deal.last_buyer_activity_at = at("2026-11-24 10:00")
    rule = {"trigger": "no_response", "days": 3, **BUSINESS}
    assert due_of(deal, **rule).on == date(2026, 11, 27)
    found = due_of(deal, NEW_YORK, **rule | {"key": "task_2"})
    assert found.on == date(2026, 11, 30)  # Thanksgiving
    assert found.at == at("2026-11-30 05:00")


def test_the_reason_says_how_far_over_its_target_the_deal_is(deal):
    deal.stage_entered_at = at("2024-11-04 10:00")
    found = due_of(deal, trigger="over_target", days=11)
    assert found.since == date(2024, 11, 14)
    assert (
        why(found.definition, found.since, stage="Propose", due_on=found.on)
        == "11 days over the target of Propose"
    )
