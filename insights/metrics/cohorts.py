"""What became of the deals that first reached a stage in the period: each deal once per stage.

A deal has reached a stage when a ledger row put it there or let it pass over it. Imports begin where they landed.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef

from deals.models import LIVE, Kind, Status, Transition

from . import once, percent, sql
from .stages import qualifying_ids, steps

# Stands for a stage in the rows: the first moment a deal was qualified.
QUALIFIED = 0
# A status goes through the statement as its place here: numbers sort and compare faster than words.
STATUSES = list(Status)
COLUMNS = {
    "": "0",
    "source": "d.lead_source",
    "type": "d.deal_type",
    "owner": "d.owner_id",
    "team": "d.team_id",
    "pipeline": "d.pipeline_id",
}


@dataclass
class Cohort:
    """`reached` = `moved` + `ended` + `under_way`; won, lost and archived by how the deals stand now."""

    reached: int = 0
    moved: int = 0
    ended: int = 0
    under_way: int = 0
    won: int = 0
    lost: int = 0
    archived: int = 0
    live: int = 0
    money_won: Decimal = Decimal(0)

    @property
    def decided(self):
        """Those that moved on, and those that ended there."""
        return self.moved + self.ended

    @property
    def conversion(self):
        return percent(self.moved, self.decided)

    @property
    def closed(self):
        return self.won + self.lost + self.archived

    @property
    def win_rate(self):
        return percent(self.won, self.closed)

    def add(self, status, moved, n, money):
        self.reached += n
        if moved:
            self.moved += n
        elif status in LIVE:
            self.under_way += n
        else:
            self.ended += n
        name = "live" if status in LIVE else status
        setattr(self, name, getattr(self, name) + n)
        self.money_won += money if status == Status.WON else 0


@dataclass
class Cohorts:
    """`of[stage id]`, with QUALIFIED for all that became qualified; `split[key][stage id]` by one dimension."""

    of: dict = field(default_factory=dict)
    split: dict = field(default_factory=dict)

    def stage(self, stage_id):
        return self.of.get(stage_id, Cohort())

    @property
    def qualified(self):
        return self.stage(QUALIFIED)


@once
def cohorts(lens, by=""):
    """One statement."""
    rows = _asked(
        lens,
        "SELECT c.stage_id, c.part, c.status, c.moved, COUNT(*), SUM(c.money)",
        " GROUP BY c.stage_id, c.part, c.status, c.moved",
        COLUMNS[by],
    ).rows()
    found = Cohorts()
    for stage_id, key, status, moved, n, money in rows:
        for cohort in (found.of, found.split.setdefault(key, {})):
            cohort.setdefault(stage_id, Cohort()).add(STATUSES[status], moved, n, Decimal(money))
    return found


def deal_ids(lens, stage_id, moved=None):
    """The deals of one cohort, as an expression for `pk__in`; those that moved on or not where that is said."""
    which = "" if moved is None else f" AND c.moved = {int(moved)}"
    return _asked(lens, "SELECT c.deal_id", f" AND c.stage_id = {int(stage_id)}{which}").as_ids()


def _asked(lens, select, rest, part="0"):
    """Every (deal, stage) first reached in the period, whether the deal moved on from there, with columns of the deal.

    Those are carried along from where the deal is read first: joined again at the end they cost more than the rest.
    """
    window = sql.window(lens, sql.PLACING)
    unfold, stage = sql.passed_stages("l")
    deal = "deal_id, status, money, part"
    status = "CASE d.status " + " ".join(f"WHEN '{s}' THEN {n}" for n, s in enumerate(STATUSES)) + " END"
    text = f"""
        WITH {window.sql},
        l AS (SELECT t.deal_id, {status} AS status, d.amount_base AS money, {part} AS part, t.to_stage_id,
            t.happened_at AS at, t.passed
            FROM w JOIN deals_transition t ON t.deal_id = w.deal_id JOIN deals_deal d ON d.id = t.deal_id
            WHERE t.kind IN ({sql.quoted(sql.PLACING)}) AND {sql.STANDS}),
        x AS (SELECT {deal}, to_stage_id AS stage_id, at FROM l
            UNION ALL SELECT {deal}, {stage}, at FROM l {unfold} WHERE l.passed <> '[]'
            UNION ALL SELECT {deal}, {QUALIFIED}, at FROM l
            WHERE to_stage_id IN ({sql.numbers(qualifying_ids(lens))})),
        r AS (SELECT deal_id, stage_id, MIN(at) AS at, MIN(status) AS status, MIN(money) AS money, MIN(part) AS part,
            {_place(lens)} AS place FROM x GROUP BY deal_id, stage_id),
        f AS (SELECT r.*, MAX(place) OVER (PARTITION BY deal_id) AS furthest FROM r),
        c AS (SELECT {deal}, stage_id,
            CASE WHEN furthest > place OR status = {STATUSES.index(Status.WON)} THEN 1 ELSE 0 END AS moved
            FROM f WHERE at >= %s AND at < %s)
        {select} FROM c WHERE 1 = 1{rest}"""  # noqa: S608  see sql.py
    return sql.Asked(text, [*window.params, sql.instant(lens.since), sql.instant(lens.until)])


def _place(lens):
    """Where a stage stands in its process."""
    whens = " ".join(f"WHEN {step.id} THEN {step.index}" for step in steps(lens))
    return f"CASE stage_id {whens} END" if whens else "NULL"


@once
def detours(lens):
    """{(kind, stage id): how often} deals were moved back out of a stage, or let into one by exception."""
    undone = Transition.objects.filter(kind=Kind.UNDO, deal=OuterRef("deal"), seq=OuterRef("seq") + 1)
    rows = lens.rows(Kind.BACK, Kind.EXCEPTION).exclude(Exists(undone))
    rows = rows.values_list("kind", "from_stage", "to_stage").annotate(Count("pk"))
    found = {}
    for kind, from_stage, to_stage, n in rows:
        key = (kind, from_stage if kind == Kind.BACK else to_stage)
        found[key] = found.get(key, 0) + n
    return found
