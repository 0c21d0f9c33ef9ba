"""A date the buyer named: until then nobody expects an answer, and silence counts from it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipeline.vocabulary import Kind
from team.calendar import calendar_of

MOST_DAYS = 45


def begin(day, calendar):
    """The first instant of a day, where the deal is at home."""
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(calendar.time_zone)).astimezone(UTC)


def hold(deal, answer, definition, today):
    """A criterion that holds the clock, answered with a day to come: silence counts from that day."""
    if not (definition.kind == Kind.DATE and definition.holds_clock and answer.opens and answer.day):
        return
    said_late = answer.activity is not None and answer.activity.is_late
    if today < answer.day <= today + timedelta(days=MOST_DAYS) and not said_late:
        deal.awaiting_since, deal.awaiting_held_days = begin(answer.day, calendar_of(deal.team_id)), 0
