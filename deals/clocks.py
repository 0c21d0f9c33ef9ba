"""The silence clock: what the buyer did last, and since when we wait. What we do never restarts it."""

from dataclasses import dataclass
from datetime import date

from pipeline.vocabulary import RuleAction
from team.calendar import add_business_days, calendar_of, local_date

from .timers import buyer_dates, due

LATE_AFTER_BUSINESS_DAYS = 2


def is_late(happened_at, now, calendar):
    """Recorded more than two business days after it happened: accepted, but it moves no clock."""
    happened, today = local_date(happened_at, calendar), local_date(now, calendar)
    return today > add_business_days(happened, LATE_AFTER_BUSINESS_DAYS, calendar)


def tick_of(deal, activity):
    """{column: value} by which an activity changes the deal's clocks."""
    if activity.is_late or activity.is_auto:
        return {}
    changes = {}
    if activity.from_buyer:
        if not deal.last_buyer_activity_at or activity.happened_at > deal.last_buyer_activity_at:
            changes |= {"last_buyer_activity_at": activity.happened_at, "held_days": 0}
        if deal.awaiting_since and (
            activity.happened_at >= deal.awaiting_since or deal.awaiting_since > activity.recorded_at
        ):
            changes |= waits_since(None)
        if activity.later_on:
            changes |= waits_since(buyer_dates.begin(activity.later_on, calendar_of(deal.team_id)))
    elif activity.expects_answer and _waits_since(deal, activity):
        changes |= waits_since(activity.happened_at)
    return changes


def waits_since(moment):
    """{column: value} of waiting from this moment on; no pause lies behind it yet."""
    return {"awaiting_since": moment, "awaiting_held_days": 0}


def _waits_since(deal, activity):
    """Whether we wait from this message on: the first of those that wait, and never before the buyer's own date."""
    since = deal.awaiting_since
    return since is None or (activity.happened_at < since <= activity.recorded_at)


@dataclass(frozen=True)
class Mark:
    """A day on the clock's face: what happens then if the buyer stays quiet."""

    key: str
    day: date


def since(deal):
    """When we began to watch the deal: when it was created here, or came in from elsewhere."""
    return deal.known_since or deal.created_at


def face(deal, process, organisation, fired=None):
    """The coming marks of the silence clock, in order: follow-up, re-engage, archive. What is in shadow never comes."""
    coming = due.upcoming(deal, process, calendar_of(deal.team_id), fired or {})
    shown = (RuleAction.TASK, RuleAction.RE_ENGAGE, RuleAction.ARCHIVE)
    return [
        Mark(one.key, one.on)
        for one in coming
        if one.definition.action in shown
        and one.definition.trigger in due.OF_SILENCE
        and not one.definition.is_shadow
    ]
