"""How long deals stay in a stage: stays that ended in the period, without the days a deal was paused.

A stay begins with the ledger row that put the deal into the stage and ends with the next one that takes it out or
closes the deal. A deal that comes back has another stay. A stage that was passed over has none.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from deals.models import Kind
from team.calendar import business_days_between, calendar_of

from ..flow import reading, sql
from . import once
from .spread import Spread

ONWARD = {Kind.ADVANCE, Kind.EXCEPTION, Kind.WIN}


@dataclass
class Stays:
    """Stays that ended with a move onward, in calendar and in business days, and those that ended otherwise."""

    days: dict = field(default_factory=dict)
    business: dict = field(default_factory=dict)
    otherwise: dict = field(default_factory=dict)
    # Calendar days of pauses that were taken out.
    paused: int = 0

    @property
    def spread(self):
        return Spread(self.days)

    @property
    def business_spread(self):
        return Spread(self.business)

    @property
    def otherwise_spread(self):
        return Spread(self.otherwise)


@once
def stays(lens):
    """{stage id: Stays}, one statement; the rows that come back are as many as there are pairs of days."""
    calendar, zone, found = calendar_of(lens.team), ZoneInfo(lens.organisation.time_zone), {}
    for stage_id, how, began, ended, pauses, n in _of_days(lens):
        stay = found.setdefault(stage_id, Stays())
        paused, waited = _paused(pauses, zone)
        days = max(0, (_date(ended) - _date(began)).days - paused)
        stay.paused += paused * n
        if how not in ONWARD:
            _count(stay.otherwise, days, n)
            continue
        _count(stay.days, days, n)
        worked = business_days_between(_date(began), _date(ended), calendar)
        if paused:
            worked -= business_days_between(waited, waited + timedelta(days=paused), calendar)
        _count(stay.business, max(0, worked), n)
    return found


def _paused(pauses, zone):
    """(days of all pauses, the first day of the first) of what a stay says of them."""
    if not pauses:
        return 0, None
    spans = [
        [datetime.fromtimestamp(int(at), zone).date() for at in one.split("-")] for one in pauses.split(",")
    ]
    return sum((end - start).days for start, end in spans), min(start for start, _end in spans)


def _count(counts, value, n):
    counts[value] = counts.get(value, 0) + n


def _date(found):
    return found if isinstance(found, date) else date.fromisoformat(found)


def _of_days(lens):
    """(stage, how it ended, local day it began, day it ended, its pauses, how many)."""
    rows = reading.stays(lens)
    began, ended = (sql.local_day(name, lens.organisation) for name in ("began", "ended"))
    text = f"""
        SELECT stage_id, how, first_day, last_day, pauses, COUNT(*)
        FROM (SELECT stage_id, how, {began} AS first_day, {ended} AS last_day, pauses FROM ({rows.sql}) r) z
        GROUP BY stage_id, how, first_day, last_day, pauses"""  # noqa: S608  see sql.py
    return sql.Asked(text, rows.params).rows()


def deal_ids(lens, stage_id):
    """The deals that moved on from a stage in the period, as an expression for `pk__in`."""
    rows = reading.stays(lens)
    text = (
        f"SELECT deal_id FROM ({rows.sql}) r"  # noqa: S608  see sql.py
        f" WHERE stage_id = {int(stage_id)} AND how IN ({sql.quoted(sorted(ONWARD))})"
    )
    return sql.Asked(text, rows.params).as_ids()
