"""The silence clock: what the buyer did last, and since when we wait. What we do never restarts it."""

from dataclasses import dataclass
from datetime import date, timedelta

from team.calendar import add_business_days, local_date

LATE_AFTER_BUSINESS_DAYS = 2


def is_late(happened_at, now, organisation):
    """Recorded more than two business days after it happened: accepted, but it moves no clock."""
    happened, today = local_date(happened_at, organisation), local_date(now, organisation)
    return today > add_business_days(happened, LATE_AFTER_BUSINESS_DAYS, organisation)


def tick_of(deal, activity):
    """{column: value} by which an activity changes the deal's clocks."""
    if activity.is_late or activity.is_auto:
        return {}
    changes = {}
    if activity.from_buyer:
        if not deal.last_buyer_activity_at or activity.happened_at > deal.last_buyer_activity_at:
            changes["last_buyer_activity_at"] = activity.happened_at
        if deal.awaiting_since and activity.happened_at >= deal.awaiting_since:
            changes["awaiting_since"] = None
    elif activity.expects_answer and (
        deal.awaiting_since is None or activity.happened_at < deal.awaiting_since
    ):
        changes["awaiting_since"] = activity.happened_at
    return changes


@dataclass(frozen=True)
class Mark:
    """A day on the clock's face: what happens then if the buyer stays quiet."""

    key: str
    day: date


def since(deal):
    """When we began to watch the deal: when it was created here, or came in from elsewhere."""
    return deal.known_since or deal.created_at


def face(deal, process, organisation):
    """The coming marks of the silence clock, in order: follow-up, re-engage, archive."""
    anchor = deal.last_buyer_activity_at or since(deal)
    marks = []
    if deal.awaiting_since:
        waiting = local_date(deal.awaiting_since, organisation)
        marks += _mark(process, deal, "follow_up", waiting, organisation)
        marks += _mark(process, deal, "re_engage", waiting, organisation)
    marks += _mark(process, deal, "archive", local_date(anchor, organisation), organisation)
    return sorted(marks, key=lambda mark: mark.day)


def _mark(process, deal, key, start, organisation):
    rule = process.rule(key, deal.stage_id)
    if rule is None:
        return []
    if rule.business_days:
        return [Mark(key, add_business_days(start, rule.days, organisation))]
    return [Mark(key, start + timedelta(days=rule.days))]
