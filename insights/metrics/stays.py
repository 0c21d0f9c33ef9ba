"""How long deals stay in a stage: stays that ended in the period, without the days a deal was paused.

A stay begins with the ledger row that put the deal into the stage and ends with the next one that takes it out or
closes the deal. A deal that comes back has another stay. A stage that was passed over has none.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from deals.models import Kind
from team.calendar import business_days_between, calendar_of

from . import once, sql
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
    calendar, found = calendar_of(lens.team), {}
    for stage_id, how, began, ended, paused, paused_on, n in asked(lens).rows():
        stay = found.setdefault(stage_id, Stays())
        days = max(0, (_date(ended) - _date(began)).days - paused)
        stay.paused += paused * n
        if how not in ONWARD:
            _count(stay.otherwise, days, n)
            continue
        _count(stay.days, days, n)
        worked = business_days_between(_date(began), _date(ended), calendar)
        if paused:
            waited = _date(paused_on)
            worked -= business_days_between(waited, waited + timedelta(days=paused), calendar)
        _count(stay.business, max(0, worked), n)
    return found


def _count(counts, value, n):
    counts[value] = counts.get(value, 0) + n


def _date(found):
    return found if isinstance(found, date) else date.fromisoformat(found)


def asked(lens):
    """(stage, how it ended, local day it began, day it ended, days paused, first day paused, how many)."""
    began, ended, paused_on = (
        sql.local_day(name, lens.organisation) for name in ("began", "ended", "paused_at")
    )
    islands = _islands(lens)
    text = f"""{islands.sql}
        SELECT stage_id, how, first_day, last_day, paused, paused_day, COUNT(*)
        FROM (SELECT stage_id, how, {began} AS first_day, {ended} AS last_day, paused, {paused_on} AS paused_day
            FROM y WHERE ended >= %s AND ended < %s) z
        GROUP BY first_day, last_day, stage_id, paused, how, paused_day"""  # noqa: S608  see sql.py
    return sql.Asked(text, [*islands.params, sql.instant(lens.since), sql.instant(lens.until)])


def deal_ids(lens, stage_id):
    """The deals that moved on from a stage in the period, as an expression for `pk__in`."""
    islands = _islands(lens)
    text = (
        f"{islands.sql} SELECT deal_id FROM y WHERE ended >= %s AND ended < %s"  # noqa: S608  see sql.py
        f" AND stage_id = {int(stage_id)} AND how IN ({sql.quoted(sorted(ONWARD))})"
    )
    return sql.Asked(text, [*islands.params, sql.instant(lens.since), sql.instant(lens.until)]).as_ids()


def _islands(lens):
    """'y': one row for each stay of the deals that left some stage in the period."""
    window = sql.window(lens, sql.LEAVING)
    paused = sql.days_between(
        sql.local_day("at", lens.organisation), sql.local_day("next_at", lens.organisation)
    )
    text = f"""
        WITH {window.sql},
        l AS (SELECT t.deal_id, t.seq, t.kind, t.to_stage_id, t.to_status, t.happened_at AS at,
            CASE WHEN t.from_stage_id = t.to_stage_id AND t.kind <> '{Kind.IMPORT}'
                AND t.to_status NOT IN ({sql.CLOSED}) AND t.from_status NOT IN ({sql.CLOSED})
                THEN 0 ELSE 1 END AS begins
            FROM w JOIN deals_transition t ON t.deal_id = w.deal_id JOIN deals_deal d ON d.id = t.deal_id
            WHERE {sql.STANDS}),
        s AS (SELECT deal_id, to_stage_id, to_status, at, begins, LEAD(at) OVER o AS next_at,
            LEAD(kind) OVER o AS next_kind, LEAD(begins) OVER o AS next_begins, SUM(begins) OVER o AS stay
            FROM l WINDOW o AS (PARTITION BY deal_id ORDER BY seq)),
        y AS (SELECT deal_id, MIN(to_stage_id) AS stage_id, MIN(CASE WHEN begins = 1 THEN at END) AS began,
            MAX(CASE WHEN next_begins = 1 THEN next_at END) AS ended,
            MAX(CASE WHEN next_begins = 1 THEN next_kind END) AS how,
            SUM(CASE WHEN to_status = 'paused' THEN {paused} ELSE 0 END) AS paused,
            MIN(CASE WHEN to_status = 'paused' THEN at END) AS paused_at
            FROM s WHERE to_status NOT IN ({sql.CLOSED}) GROUP BY deal_id, stay)"""  # noqa: S608  see sql.py
    return sql.Asked(text, window.params)
