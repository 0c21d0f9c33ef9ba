"""The clocks of a whole process at once: deals whose days are alike come due alike, so each kind is worked out once.

By due.soonest, as for one deal. Deals for which something has fired are looked at one by one: what fired counts from an
instant, not from a day.
"""

from datetime import date
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, TruncDate

from pipeline.vocabulary import RuleTrigger
from team.calendar import by_calendar, start_of
from team.models import remembered

from ..models import Deal, Firing
from ..rows import computed
from ..rows.rewriting import rewrite_alike
from . import due, due_stored

_TOGETHER = 10_000
# What a deal's clock counts from: instants, of which the day counts, and days.
_MOMENTS = {
    "last_buyer_activity_at": Coalesce("last_buyer_activity_at", "known_since", "created_at"),
    "awaiting_since": F("awaiting_since"),
    "stage_entered_at": F("stage_entered_at"),
}
_PLAIN = ["stage_id", "status", "held_days", "awaiting_held_days"]
_DAYS = ["next_step_on", "expected_close"]
_ASKED_BY = {
    "stage_entered_at": {RuleTrigger.STAGE_ENTERED, RuleTrigger.OVER_TARGET},
    "next_step_on": {RuleTrigger.NEXT_STEP_PASSED},
    "expected_close": {RuleTrigger.CLOSE_PASSED},
}


def follow(deals, process, taken=lambda number=1: None, known=None, between=None):
    """Bring the stored clocks of these deals of a process in line. Nobody else may change them meanwhile: a publication
    holds their pipeline, or they are locked. `taken` is told for how many times 2,000 it is done.

    `known` keeps what was worked out, for who comes again with other deals of the pipeline; `between` as rewrite_alike
    takes it.
    """
    known = {} if known is None else known
    fired = Exists(Firing.objects.filter(deal=OuterRef("pk")))
    with remembered():
        for calendar, teams in by_calendar():
            alike = deals.filter(teams, ~fired, seq__gt=0).exclude(stage__in=_by_the_minute(process))
            _write(_groups(alike, process, calendar, known), taken, between)
        due_stored.follow_many(deals.filter(fired | Q(stage__in=_by_the_minute(process))), taken)


def _by_the_minute(process):
    """Stages with a rule for which more than the day counts: what happens on entering them, at once."""
    return [
        stage.stage_id
        for stage in process.stages
        if any(
            rule.trigger == RuleTrigger.STAGE_ENTERED and not rule.days
            for rule in process.timers(stage.stage_id)
        )
    ]


def _groups(deals, process, calendar, known):
    """(ids, when they come due, by which rule) of the deals that are alike."""
    zone, names = ZoneInfo(calendar.time_zone), _asked(process)
    moments = {name: TruncDate(at, tzinfo=zone) for name, at in _MOMENTS.items() if name in names}
    alike = {name: F(name) for name in [*_PLAIN, *_DAYS] if name in names}
    for values, ids in computed.grouped(deals, {**alike, **moments}):
        kind = (process.version.pk, calendar, *values)
        if kind not in known:
            deal = _deal(dict(zip([*alike, *moments], values, strict=True)), calendar)
            first = due.soonest(deal, process, calendar, {})
            known[kind] = due_stored.as_stored(first.at if first else None), first and first.definition.pk
        yield ids, *known[kind]


def _asked(process):
    """Names of what any rule counts from."""
    triggers = {rule.trigger for stage in process.stages for rule in process.timers(stage.stage_id)}
    unasked = {name for name, by in _ASKED_BY.items() if not by & triggers}
    return {*_PLAIN, *_MOMENTS, *_DAYS} - unasked


def _deal(values, calendar):
    """A deal of these days. An instant stands for its day, and is its first."""
    days = {name: _day(values.get(name)) for name in (*_MOMENTS, *_DAYS)}
    instants = {name: day and start_of(day, calendar) for name, day in days.items() if name in _MOMENTS}
    return SimpleNamespace(**{**values, **days, **instants})


def _day(value):
    """SQLite gives a date as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _write(groups, taken, between):
    waiting, deals = [], 0
    for group in groups:
        waiting.append(group)
        deals += computed.how_many(group[0])
        if deals >= _TOGETHER:
            _write_some(waiting, deals, taken, between)
            waiting, deals = [], 0
    if waiting:
        _write_some(waiting, deals, taken, between)


def _write_some(groups, deals, taken, between):
    rewrite_alike(Deal, due_stored.COLUMNS_OF_TABLE, groups, between)
    taken(deals // due_stored.CHUNK)
