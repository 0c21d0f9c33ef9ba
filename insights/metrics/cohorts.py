"""What became of the deals that first reached a stage in the period: each deal once per stage.

A deal has reached a stage when a ledger row put it there or let it pass over it. Imports begin where they landed.
"""

from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef

from deals.models import LIVE, Kind, Status, Transition

from ..flow import reading, sql
from . import once, percent
from .stages import qualifying_ids, steps

# Stands for a stage: the first one a deal reached of those that qualify.
QUALIFIED = 0


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

    def add(self, status, moved, n):
        self.reached += n
        if moved:
            self.moved += n
        elif status in LIVE:
            self.under_way += n
        else:
            self.ended += n
        name = "live" if status in LIVE else status
        setattr(self, name, getattr(self, name) + n)


@dataclass
class Cohorts:
    """`of[stage id]`, with QUALIFIED for all that became qualified."""

    of: dict = field(default_factory=dict)

    def stage(self, stage_id):
        return self.of.get(stage_id, Cohort())

    @property
    def qualified(self):
        return self.stage(QUALIFIED)


@dataclass(frozen=True)
class Alike:
    """So many deals that reached this stage, went the same way and stand alike now."""

    stage_id: int
    path: str
    status: str
    n: int

    @property
    def stages(self):
        """All that they reached, in their order."""
        return [int(pk) for pk in self.path.split(",")]

    def moved(self, places):
        """Whether they went on from it: to a stage behind it, or to the win."""
        here = places.get(self.stage_id)
        beyond = here is not None and any(places.get(pk, here) > here for pk in self.stages)
        return beyond or self.status == Status.WON

    def qualified(self, qualifying):
        """Whether it is the first one by which they qualified."""
        return next((pk for pk in self.stages if pk in qualifying), None) == self.stage_id


@once
def cohorts(lens):
    """One statement, which `alike` asks."""
    found, places, qualifying = Cohorts(), _places(lens), set(qualifying_ids(lens))
    for each in alike(lens):
        found.of.setdefault(each.stage_id, Cohort()).add(each.status, each.moved(places), each.n)
        if each.qualified(qualifying):
            found.of.setdefault(QUALIFIED, Cohort()).add(each.status, each.status == Status.WON, each.n)
    return found


@once
def alike(lens):
    """[Alike] of the deals that first reached a stage in the period. One statement, and one for what is not kept."""
    rows = reading.reached(lens)
    text = f"SELECT stage_id, path, status, COUNT(*) FROM ({rows.sql}) r GROUP BY stage_id, path, status"  # noqa: S608
    return [Alike(*row) for row in sql.Asked(text, rows.params).rows()]


def deal_ids(lens, stage_id, moved=None):
    """The deals of one cohort, as an expression for `pk__in`; those that moved on or not where that is said."""
    return _ids(lens, _of_cohort(lens, stage_id, moved))


def decided_ids(lens, stages, moved=None):
    """The deals that moved on from one of these stages or ended there; those alone that moved on from one."""
    went = [each for pk in stages for each in _of_cohort(lens, pk, True)]
    if not moved:
        went += [each for pk in stages for each in _of_cohort(lens, pk, False) if each.status not in LIVE]
    return _ids(lens, went)


def _ids(lens, found):
    rows = reading.reached(lens)
    chosen = sql.among(_KEY, [_key(each) for each in found])
    text = f"SELECT deal_id FROM ({rows.sql}) r WHERE {chosen.sql}"  # noqa: S608  see sql.py
    return sql.Asked(text, [*rows.params, *chosen.params]).as_ids()


_KEY = "CAST(stage_id AS TEXT) || ':' || path || ':' || status"


def _key(each):
    return f"{each.stage_id}:{each.path}:{each.status}"


def _of_cohort(lens, stage_id, moved):
    places, qualifying = _places(lens), set(qualifying_ids(lens))
    for each in alike(lens):
        if each.qualified(qualifying) if stage_id == QUALIFIED else each.stage_id == stage_id:
            went = each.status == Status.WON if stage_id == QUALIFIED else each.moved(places)
            if moved in (None, went):
                yield each


def _places(lens):
    """{stage id: where it stands in its process}"""
    return {step.id: step.index for step in steps(lens)}


@once
def detours(lens):
    """{(kind, stage id): how often} deals were moved back out of a stage, or let into one by exception."""
    undone = Transition.objects.filter(kind=Kind.UNDO, deal=OuterRef("deal"), seq=OuterRef("seq") + 1)
    rows = lens.rows(Kind.BACK, Kind.EXCEPTION).exclude(Exists(undone))
    rows = rows.values_list("kind", "from_stage", "to_stage").annotate(n=Count("*"))
    found = {}
    for kind, from_stage, to_stage, n in rows:
        key = (kind, from_stage if kind == Kind.BACK else to_stage)
        found[key] = found.get(key, 0) + n
    return found
