"""What became of deals that reached a stage: how often they were won, and how long that took from there.

A deal reached a stage where its ledger put it there or took it past; an imported one reached where it came in and what
came after. A row that was undone took it nowhere. Only deals that have ended count, each once, by how they ended last.
It stayed from then until it first went past the stage, or ended. One that was ended when it came in tells no days.
"""

from datetime import timedelta

from django.db import connection

from team.calendar import start_of
from team.models import Organisation

from ..flow import sql
from ..models import ForecastDay, StageRecord
from .record import BRACKETS, Record

# Days of endings that are looked back on.
SPAN = 730
_DAYS = {
    "postgresql": "FLOOR(EXTRACT(EPOCH FROM ({to} - since)) / 86400)",
    # A hundredth of a second up: whole days do not come out of the subtraction whole.
    "sqlite": "CAST(julianday({to}) - julianday(since) + 0.0000001 AS INTEGER)",
}
# Of a deal that ended: 0 not won, 1 won; 2 and 3 the same of one that came in as ended.
WON = (1, 3)
_BRACKET = "CASE {} WHEN stayed IS NOT NULL THEN 0 END".format(
    " ".join(f"WHEN stayed >= {days} THEN {days}" for days in BRACKETS[:0:-1])
)
_REACHED = """
WITH ended AS (
    SELECT c.deal_id, c.seq, c.happened_at AS ended_at,
           CASE WHEN c.to_status = 'won' THEN 1 ELSE 0 END + CASE WHEN c.kind = 'import' THEN 2 ELSE 0 END AS how
    FROM deals_transition c
    WHERE c.happened_at >= %s AND c.happened_at < %s AND c.to_status IN ('won', 'lost', 'archived')
      AND NOT EXISTS (SELECT 1 FROM deals_transition n
                      WHERE n.deal_id = c.deal_id AND n.seq > c.seq AND n.happened_at < %s)
      {narrowed}
), reached AS (
    SELECT e.deal_id, e.how, e.ended_at, g.id AS stage_id,
           MIN(CASE WHEN s.published_position >= g.published_position THEN t.happened_at END) AS since,
           COALESCE(
               MIN(CASE WHEN s.published_position > g.published_position THEN t.happened_at END), e.ended_at
           ) AS gone
    FROM ended e
    JOIN deals_transition t ON t.deal_id = e.deal_id AND t.seq <= e.seq
    JOIN deals_deal d ON d.id = e.deal_id
    JOIN pipeline_stage s ON s.id = t.to_stage_id AND s.pipeline_id = d.pipeline_id
    JOIN pipeline_stage g ON g.pipeline_id = d.pipeline_id
    WHERE t.kind <> 'undo' AND NOT (t.kind = 'create' AND t.batch <> '')
      AND NOT EXISTS (SELECT 1 FROM deals_transition u
                      WHERE u.deal_id = t.deal_id AND u.seq = t.seq + 1 AND u.kind = 'undo')
    GROUP BY e.deal_id, e.how, e.ended_at, g.id, g.published_position
    HAVING MAX(s.published_position) >= g.published_position AND MIN(s.published_position) <= g.published_position
)
"""
_SQL = """
{reached}
SELECT stage_id, how, days, {bracket} AS stay, COUNT(*)
FROM (SELECT stage_id, how, CASE WHEN how = 1 THEN {days} END AS days, CASE WHEN how < 2 THEN {stayed} END AS stayed
      FROM reached) each_one
GROUP BY 1, 2, 3, 4
"""


def count(since, until, deals=None):
    """{stage: Record} of the deals that ended between two instants, as it was at the later one. One statement.

    `deals` (a queryset) narrows it. What is assumed is not known here.
    """
    narrowed, params = _asked(since, until, deals)
    days = _DAYS[connection.vendor]
    text = _SQL.format(
        reached=_REACHED.format(narrowed=narrowed),
        days=days.format(to="ended_at"),
        stayed=days.format(to="gone"),
        bracket=_BRACKET,
    )
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        rows = cursor.fetchall()
    found = {}
    for stage, how, days, stay, number in rows:
        found.setdefault(stage, Record()).add(how in WON, max(0, int(days or 0)), stay, number)
    return found


def deal_ids(since, until, stage, deals=None, won=False):
    """The deals a stage's Record counts, as an expression for `pk__in`; those alone that were won."""
    narrowed, params = _asked(since, until, deals)
    text = f"{_REACHED.format(narrowed=narrowed)} SELECT deal_id FROM reached WHERE stage_id = %s"  # noqa: S608  our own text
    text += f" AND how IN {WON}" if won else ""
    return sql.Asked(text, [*params, stage]).as_ids()


def _asked(since, until, deals):
    """(condition over the endings, parameters of both)"""
    narrowed, values = "", []
    if deals is not None:
        narrowed, values = deals.order_by().values("pk").query.sql_with_params()
        narrowed = f"AND c.deal_id IN ({narrowed})"
    return narrowed, [*map(sql.instant, (since, until, until)), *values]


def by(day, processes):
    """{stage: Record} of the processes' stages, from what had ended when that day began."""
    return assumed(count(*looked_at(day)), processes)


def looked_at(day):
    """The two instants between which a deal ended that the night of that day counts."""
    organisation = Organisation.current()
    return start_of(day - timedelta(days=SPAN), organisation), start_of(day, organisation)


def assumed(found, processes):
    """The records of the processes' stages, an empty one where nothing ended, each with what is assumed."""
    records = {}
    for definition in (stage for process in processes for stage in process.stages):
        record = found.get(definition.stage_id) or Record()
        record.assumed = definition.probability / 100
        records[definition.stage_id] = record
    return records


def newest(processes):
    """(the night, {stage: Record}) as written down last; (None, empty records) before the first. Two statements."""
    night = newest_night()
    rows = StageRecord.objects.filter(day=night).order_by() if night else []
    return night, assumed({row.stage_id: _read(row) for row in rows}, processes)


def newest_night():
    return ForecastDay.objects.filter(records__isnull=False).order_by("-day").first()


def _read(row):
    stays = {int(bracket): [ended, _days(waits)] for bracket, (ended, waits) in row.stays.items()}
    return Record(0, row.ended, row.won, _days(row.waits), stays)


def _days(counts):
    return {int(days): number for days, number in counts.items()}
