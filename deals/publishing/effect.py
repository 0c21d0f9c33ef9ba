"""What publishing a draft would do to live deals now: which would become claimed, which proven, which stand elsewhere.

Only the criteria that change are looked at, against the stored counts; they are judged by the expressions that
publishing itself judges by (verdicts.py).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain

from django.db.models import F, Q
from django.db.models.lookups import Exact
from django.utils import timezone

from pipeline import retiring
from pipeline.drafting import process_of_draft
from pipeline.process import process_of
from pipeline.publishing import bound
from team.calendar import grace_date, local_date
from team.models import Organisation, remembered

from .. import counts
from ..evidence import sparing
from ..models import Deal
from ..models.querysets import proven_but_for_gates, proven_condition
from ..tightening.changes import Changes
from .foresight import Foresight


@dataclass(frozen=True)
class Share:
    """So many deals, and their money in the organisation's currency."""

    count: int = 0
    money: Decimal = Decimal(0)

    def __add__(self, other):
        return Share(self.count + other.count, self.money + other.money)

    def __bool__(self):
        return bool(self.count)


@dataclass(frozen=True)
class Row:
    """One stage in force: what of its deals would become claimed, and what proven."""

    stage: object
    claimed: Share = Share()
    proven: Share = Share()


@dataclass
class Effect:
    """`claimed_ids` and `proven_ids`, largest first, are the deals behind the totals; `moved` are those of stages that
    the draft retires, as (stage, destination, retiring.Held)."""

    rows: list = field(default_factory=list)
    moved: list = field(default_factory=list)
    claimed_ids: list = field(default_factory=list)
    proven_ids: list = field(default_factory=list)
    currency: str = ""

    @property
    def claimed(self):
        return sum((row.claimed for row in self.rows), Share())

    @property
    def proven(self):
        return sum((row.proven for row in self.rows), Share())

    def deals(self, becoming="claimed"):
        """The deals behind a total, largest first; a page of it is a page of ids."""
        return _Listed(self.claimed_ids if becoming == "claimed" else self.proven_ids)

    def __bool__(self):
        return bool(self.claimed or self.proven or self.moved)


class _Listed:
    """Ids in order that a paginator may slice; only the slice is read from the database."""

    def __init__(self, ids):
        self.ids = ids

    def __len__(self):
        return len(self.ids)

    def count(self):
        return len(self.ids)

    def __getitem__(self, part):
        rows = Deal.objects.filter(pk__in=self.ids[part]).select_related("stage", "owner", "company")
        return sorted(rows, key=lambda deal: (-deal.amount_base, deal.pk))


def effect(pipeline, binding=None, *, among=None, now=None, live=False):
    """The Effect of publishing the draft with this binding (criterion id -> "now", "entering" or a date).

    `among`: deals it is asked of; all where it is None. `live`: silent and paused ones too.
    """
    if pipeline.version_id is None:
        return Effect()
    organisation = Organisation.current()
    today = local_date(now or timezone.now(), organisation)
    changes = Changes(process_of(pipeline), process_of_draft(pipeline), frozenset(bound(binding)))
    deals = Deal.objects.made() if among is None else among
    deals = deals.live() if live else deals.open()
    with remembered():  # who is one of us is asked for every criterion
        return _Preview(changes, bound(binding), today, organisation, deals).run()


class _Preview:
    def __init__(self, changes, binding, today, organisation, deals):
        self.changes, self.today, self.deals = changes, today, deals
        grace = grace_date(today, organisation)
        self.proven = proven_condition(today, grace)
        self.otherwise = proven_but_for_gates(today, grace)
        self.judged = Foresight(changes, binding, today)
        self.found = Effect(
            moved=retiring.surgery_of(changes.old.version.pipeline), currency=organisation.currency
        )
        self.leads_to = {stage.pk: to.pk for stage, to, _held in self.found.moved if to is not None}
        self.spared = sparing.exemptions(changes.old, today)

    def run(self):
        lost, won = defaultdict(list), defaultdict(list)
        for stages, there in self._alike():
            lost_of, won_of = self._of(stages, *there)
            for by_stage, found in ((lost, lost_of), (won, won_of)):
                for stage_id, *row in found:
                    by_stage[stage_id].append(row)
        for stage in self.changes.old.stages:
            self.found.rows.append(Row(stage, _share(lost[stage.stage_id]), _share(won[stage.stage_id])))
        self.found.claimed_ids, self.found.proven_ids = _largest_first(lost), _largest_first(won)
        return self.found

    def _alike(self):
        """(ids of stages, what happens there) where the same happens in each: their deals are asked at once."""
        found = {}
        for stage in self.changes.old.stages:
            to = self.leads_to.get(stage.stage_id, stage.stage_id)
            if to not in self.changes.new:
                continue
            gone = self.changes.gone(stage.stage_id, to).before
            come = self.changes.come(to, stage.stage_id).before
            there = stage.counts_as_pipeline, self.changes.new.stage(to).counts_as_pipeline, gone, come
            key = *there[:2], *(tuple(d.criterion_id for d in each) for each in (gone, come))
            found.setdefault(key, ([], there))[0].append(stage.stage_id)
        return found.values()

    def _of(self, stages, counted, counts_then, gone, come):
        """[(stage id, id, money)] that become claimed, and that become proven."""
        open_ones = self.deals.filter(stage_id__in=stages)
        lost, won = [], []
        if counted and not counts_then:
            lost = _listed(open_ones.filter(self.proven))
        elif counted and come:
            proven = open_ones.filter(self.proven)
            lost = _listed(proven.filter(self._lacks_any(proven, gone, come)))
        if counts_then and (gone or not counted):
            won = _listed(self._becoming_proven(open_ones, gone, come))
        return lost, won

    def _lacks_any(self, deals, gone, come):
        """A deal that is proven holds everything it is asked now: what it lacks is what comes."""
        asked_now = {d.criterion_id for d in gone}
        condition = _NONE
        for definition in _newest_first(come, asked_now):
            if not self.judged.is_left_alone(definition):
                condition |= self.judged.lacks(
                    definition, deals, is_held=definition.criterion_id in asked_now
                )
        return condition

    def _becoming_proven(self, deals, gone, come):
        """Nothing is open behind them but what goes, and nothing of what comes will be."""
        asked_now = {d.criterion_id: d for d in gone}
        found = deals.filter(self.otherwise, open_before__lte=len(gone)).exclude(
            counts_as_pipeline=True, open_before=0
        )
        found = found.filter(Exact(F("open_before"), self._open_now(gone)))
        for definition in _newest_first(come, asked_now):
            lacks = self.judged.lacks(definition, found)
            if self.judged.is_left_alone(definition):
                was = asked_now.get(definition.criterion_id)
                lacks &= Q(Exact(self._open_now([was]), 1)) if was else _NONE
            found = found.filter(~lacks)
        return found

    def _open_now(self, definitions):
        """How many of these a deal lacks as the process in force counts."""
        return counts.number_open(definitions, self.today, self.spared)


_NONE = Q(pk__in=[])


def _newest_first(definitions, asked_now):
    """What no deal is asked yet hardly any holds: once that is known, nothing else of a deal is looked at."""
    return sorted(definitions, key=lambda definition: definition.criterion_id in asked_now)


def _listed(deals):
    return list(deals.order_by().values_list("stage_id", "pk", "amount_base"))


def _share(rows):
    return Share(len(rows), sum((money for _pk, money in rows), Decimal(0)))


def _largest_first(by_stage):
    rows = chain.from_iterable(by_stage.values())
    return [pk for pk, _money in sorted(rows, key=lambda row: (-row[1], row[0]))]
