"""What became of deals that reached a stage: how often they were won, and how long that took from there.

A deal reached a stage where its ledger put it there or took it past; an imported one reached where it came in and what
came after. A row that was undone took it nowhere. Only deals that have ended count, each once, by how they ended last.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import accumulate

from django.db import connection

from team.calendar import start_of
from team.models import Organisation

from ..models import ForecastDay, StageRecord

# Days of endings that are looked back on.
SPAN = 730
# As much weight as what is assumed has: with as many cases, history counts half.
ENOUGH = 20
# The same for the expected close a deal names: sellers' dates say less than their process does.
DATED = 5

_DAYS = {
    "postgresql": "FLOOR(EXTRACT(EPOCH FROM (ended_at - since)) / 86400)",
    # A hundredth of a second up: whole days do not come out of the subtraction whole.
    "sqlite": "CAST(julianday(ended_at) - julianday(since) + 0.0000001 AS INTEGER)",
}
_SQL = """
WITH ended AS (
    SELECT c.deal_id, c.seq, c.happened_at AS ended_at, c.to_status AS status
    FROM deals_transition c
    WHERE c.happened_at >= %s AND c.happened_at < %s AND c.to_status IN ('won', 'lost', 'archived')
      AND NOT EXISTS (SELECT 1 FROM deals_transition n
                      WHERE n.deal_id = c.deal_id AND n.seq > c.seq AND n.happened_at < %s)
      {narrowed}
), reached AS (
    SELECT e.deal_id, e.status, e.ended_at, g.id AS stage_id,
           MIN(CASE WHEN s.position >= g.position THEN t.happened_at END) AS since
    FROM ended e
    JOIN deals_transition t ON t.deal_id = e.deal_id AND t.seq <= e.seq
    JOIN deals_deal d ON d.id = e.deal_id
    JOIN pipeline_stage s ON s.id = t.to_stage_id AND s.pipeline_id = d.pipeline_id
    JOIN pipeline_stage g ON g.pipeline_id = d.pipeline_id
    WHERE t.kind <> 'undo' AND NOT (t.kind = 'create' AND t.batch <> '')
      AND NOT EXISTS (SELECT 1 FROM deals_transition u
                      WHERE u.deal_id = t.deal_id AND u.seq = t.seq + 1 AND u.kind = 'undo')
    GROUP BY e.deal_id, e.status, e.ended_at, g.id, g.position
    HAVING MAX(s.position) >= g.position AND MIN(s.position) <= g.position
)
SELECT stage_id, CASE WHEN status = 'won' THEN 1 ELSE 0 END AS is_won, {days} AS days, COUNT(*)
FROM reached GROUP BY stage_id, CASE WHEN status = 'won' THEN 1 ELSE 0 END, {days}
"""


@dataclass
class Record:
    """Of one stage. `assumed` is its probability, 0 to 1; `waits` {days from reaching it to the win: how many}."""

    assumed: float = 0.0
    ended: int = 0
    won: int = 0
    waits: dict = field(default_factory=dict)
    _days: list | None = field(default=None, repr=False, compare=False)
    _sums: list | None = field(default=None, repr=False, compare=False)

    @property
    def real(self):
        """The share that was won; None where nothing ended."""
        return self.won / self.ended if self.ended else None

    @property
    def rate(self):
        """The same, drawn toward what is assumed while cases are few."""
        return (self.won + ENOUGH * self.assumed) / (self.ended + ENOUGH)

    def share(self, age, first, last, dated):
        """How likely a deal that stands here for `age` days and will be won is won `first` to `last` days from now.

        The share of the wins that took longer than `age`; drawn toward the deal's own date (`dated`: it lies in that
        stretch) while they are few.
        """
        beyond = self.won - self._shorter(age)
        within = self._shorter(age + last + 1) - self._shorter(age + first)
        return (within + DATED * dated) / (beyond + DATED)

    def _shorter(self, age):
        """How many of the won took less than so many days."""
        if self._sums is None:
            self._days = sorted(self.waits)
            self._sums = [0, *accumulate(self.waits[days] for days in self._days)]
        return self._sums[bisect_left(self._days, age)]

    def chance(self, age, first, last, dated):
        return self.rate * self.share(age, first, last, dated)


def count(since, until, deals=None):
    """{stage: Record} of the deals that ended between two instants, as it was at the later one. One statement.

    `deals` (a queryset) narrows it. What is assumed is not known here.
    """
    narrowed, values = "", []
    if deals is not None:
        narrowed, values = deals.order_by().values("pk").query.sql_with_params()
        narrowed = f"AND c.deal_id IN ({narrowed})"
    instants = [connection.ops.adapt_datetimefield_value(moment) for moment in (since, until, until)]
    sql = _SQL.format(narrowed=narrowed, days=_DAYS[connection.vendor])
    with connection.cursor() as cursor:
        cursor.execute(sql, [*instants, *values])
        rows = cursor.fetchall()
    found = {}
    for stage, is_won, days, number in rows:
        record = found.setdefault(stage, Record())
        record.ended += number
        if is_won:
            record.won += number
            wait = max(0, int(days))
            record.waits[wait] = record.waits.get(wait, 0) + number
    return found


def by(day, processes):
    """{stage: Record} of the processes' stages, from what had ended when that day began."""
    organisation = Organisation.current()
    found = count(start_of(day - timedelta(days=SPAN), organisation), start_of(day, organisation))
    return assumed(found, processes)


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
    night = ForecastDay.objects.filter(records__isnull=False).order_by("-day").first()
    rows = StageRecord.objects.filter(day=night).order_by() if night else []
    found = {
        row.stage_id: Record(0, row.ended, row.won, {int(days): wins for days, wins in row.waits.items()})
        for row in rows
    }
    return night, assumed(found, processes)
