"""Which criterion holds deals up, which is got round, and which tells a win from a loss."""

from dataclasses import dataclass

from django.db.models import Count, F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.models import (
    Deal,
    ExceptionState,
    GateException,
    GateRefusal,
    Kind,
    Status,
    Transition,
    WaivedCriterion,
)
from deals.models.machine import CLOSED_STATUSES
from pipeline.process import process_of

from ..charts.stacked import percent
from ..panels import Behind, Panel, Table, named
from .elements import HasElement, counted, of_list, of_objects

# With fewer closed deals on either side a difference is chance.
LEAST = 10


@dataclass(frozen=True)
class Share:
    """Of so many closed deals, how many were won."""

    won: int = 0
    closed: int = 0

    @property
    def percent(self):
        return round(100 * self.won / self.closed) if self.closed else None


@dataclass(frozen=True)
class Gate:
    """One criterion in the period."""

    definition: object
    stage: object
    pipeline: object
    refusals: int = 0
    deals: int = 0
    waived: int = 0
    # Of closed deals: those where it held when they first passed its gate, and those that passed without it.
    held: Share = Share()
    without: Share = Share()

    @property
    def key(self):
        return self.definition.criterion_id

    @property
    def happened(self):
        return bool(self.refusals or self.waived or self.held.closed or self.without.closed)

    @property
    def is_telling(self):
        """It held up or let through something; that it simply held says little."""
        return bool(self.refusals or self.waived or self.without.closed)

    @property
    def points(self):
        """How many points the win rate is higher where it held; None where one side is empty."""
        if not (self.held.closed and self.without.closed):
            return None
        return self.held.percent - self.without.percent

    @property
    def is_thin(self):
        return min(self.held.closed, self.without.closed) < LEAST

    @property
    def verdict(self):
        """What the two win rates may be taken for, in words."""
        if self.points is None:
            return _("nothing to compare with") if self.held.closed or self.without.closed else ""
        if self.is_thin:
            return _("too few to say")
        if self.points >= LEAST:
            return _("goes with wins")
        return _("goes with losses") if self.points <= -LEAST else _("makes no difference")


@dataclass(frozen=True)
class Gates:
    gates: list
    several: bool

    @property
    def happened(self):
        return [gate for gate in self.gates if gate.happened]

    @property
    def shown(self):
        """What the page lists, most deals first; the table below has every criterion."""
        found = [gate for gate in self.gates if gate.is_telling]
        return sorted(found, key=lambda gate: (-gate.deals, -gate.waived, -gate.refusals))

    @property
    def quiet(self):
        return len(self.happened) - len(self.shown)

    @property
    def rows(self):
        """[(gate, width of its bar)]: its deals beside the most that any criterion refused."""
        most = self.blocking.deals if self.blocking else 0
        return [(gate, percent(gate.deals, most)) for gate in self.shown]

    @property
    def blocking(self):
        """The criterion that refused most deals."""
        most = max(self.gates, key=lambda gate: (gate.deals, gate.refusals), default=None)
        return most if most and most.deals else None

    @property
    def telling(self):
        """The criterion that goes with wins most clearly, of those with enough deals on both sides."""
        found = [g for g in self.gates if g.points is not None and not g.is_thin and g.points >= LEAST]
        return max(found, key=lambda gate: gate.points, default=None)


def of(lens):
    """Three statements for all criteria in force, whatever the number of deals, besides reading the processes."""
    processes = [(pipeline, process_of(pipeline)) for pipeline in lens.pipelines]
    refused, waived = _refused(lens), _waived(lens)
    shares = _shares(lens, [process for _pipeline, process in processes])
    gates = [
        Gate(
            definition,
            process.stage(definition.stage_id),
            pipeline,
            *refused.get(definition.criterion_id, (0, 0)),
            waived.get(definition.criterion_id, 0),
            *(shares.get((definition.criterion_id, without), Share()) for without in (0, 1)),
        )
        for pipeline, process in processes
        for definition in process.criteria_of_all()
    ]
    return Gates(gates, len(processes) > 1)


def _refused(lens):
    """{criterion: (refusals, deals)}"""
    rows = _refusals(lens).order_by().values("deal_id", "criteria")
    join, number = of_list("r.criteria")
    sql = f"SELECT {number} AS c, COUNT(*), COUNT(DISTINCT r.deal_id) FROM {{}} r {join} GROUP BY c"  # noqa: S608  names of our own
    return {int(c): (times, deals) for c, times, deals in counted(sql, rows)}


def _refusals(lens):
    rows = GateRefusal.objects.filter(at__gte=lens.since, at__lt=lens.until)
    return rows if lens.is_whole else rows.filter(deal__in=_ids(lens.deals()))


def _granted(lens):
    rows = GateException.objects.filter(
        state__in=[ExceptionState.GRANTED, ExceptionState.MENDED],
        decided_at__gte=lens.since,
        decided_at__lt=lens.until,
    )
    return rows if lens.is_whole else rows.filter(deal__in=_ids(lens.deals()))


def _waived(lens):
    """{criterion: deals}"""
    rows = WaivedCriterion.objects.filter(exception__in=_ids(_granted(lens)))
    return dict(rows.order_by().values_list("criterion").annotate(Count("exception__deal", distinct=True)))


def closed(lens):
    """Deals that were won, lost or archived in the period."""
    return lens.deals().filter(
        status__in=CLOSED_STATUSES, closed_at__gte=lens.since, closed_at__lt=lens.until
    )


def _shares(lens, processes):
    """{(criterion, 1 where it was passed without it): Share} of deals closed in the period, one statement."""
    past = _past(processes)
    if not past:
        return {}
    ended = (
        Transition.objects.filter(deal__in=_ids(closed(lens))).annotate(outcome=F("deal__status")).order_by()
    )
    passed = ended.filter(kind__in=[Kind.ADVANCE, Kind.EXCEPTION])
    passed = passed.values("deal_id", "seq", "outcome", "snapshot")
    came = ended.filter(kind=Kind.IMPORT).values("deal_id", "seq", "outcome", "to_stage_id")
    join, part = of_objects("r.snapshot")
    sql = f"""
        WITH past (stage_id, c) AS (VALUES {", ".join(f"({stage}, {c})" for stage, c in past)}),
        seen AS (
            SELECT r.deal_id, r.outcome, CAST({part("c")} AS integer) AS c,
                r.seq * 2 + CASE WHEN {part("s")} = 'holds' THEN 0 ELSE 1 END AS mark
            FROM {{}} r {join} WHERE {part("s")} <> 'exempt'
            UNION ALL
            SELECT i.deal_id, i.outcome, past.c, i.seq * 2 + 1 FROM {{}} i JOIN past ON past.stage_id = i.to_stage_id
        ),
        first_time AS (SELECT deal_id, c, MAX(outcome) AS outcome, MIN(mark) %% 2 AS bare FROM seen GROUP BY deal_id, c)
        SELECT c, bare, SUM(CASE WHEN outcome = '{Status.WON}' THEN 1 ELSE 0 END), COUNT(*)
        FROM first_time GROUP BY c, bare"""  # noqa: S608  names and ids of our own
    return {(c, bare): Share(won, ended) for c, bare, won, ended in counted(sql, passed, came)}


def _past(processes):
    """[(stage, criterion of an earlier stage)]: what an import past a gate was not asked."""
    return [
        (stage.stage_id, definition.criterion_id)
        for process in processes
        for stage in process.stages
        for definition in process.criteria_before(stage.stage_id)
    ]


def _ids(deals):
    return deals.order_by().values("pk")


def table(data):
    head = [_("Criterion"), _("Stage"), _("Refusals"), _("Deals refused"), _("Deals with an exception"),
            _("Held: closed"), _("Held: won"), _("Without: closed"), _("Without: won"), _("Says")]  # fmt: skip
    rows = [
        [g.definition.label, g.stage.name, g.refusals, g.deals, g.waived, g.held.closed, g.held.won,
         g.without.closed, g.without.won, g.verdict]
        for g in data.happened
    ]  # fmt: skip
    if data.several:
        head.insert(2, _("Pipeline"))
        rows = [[*row[:2], g.pipeline.name, *row[2:]] for row, g in zip(rows, data.happened, strict=True)]
    return Table(_("What gates did"), tuple(head), [tuple(row) for row in rows])


def _refused_deals(lens, arg):
    rows = _refusals(lens).filter(HasElement("criteria", named.number(arg)))
    return Deal.objects.filter(pk__in=rows.order_by().values("deal_id"))


def _waived_deals(lens, arg):
    rows = _granted(lens).filter(waived__criterion=named.number(arg))
    return Deal.objects.filter(pk__in=rows.order_by().values("deal_id"))


PANEL = Panel(
    key="gates",
    title=gettext_lazy("What holds deals up, and what tells a win"),
    of=of,
    template="insights/learning/gates.html",
    width=12,
    table=table,
    behind={
        "refused": Behind(gettext_lazy("Deals a criterion refused"), _refused_deals, named=named.criterion),
        "waived": Behind(
            gettext_lazy("Deals that passed by exception"), _waived_deals, named=named.criterion
        ),
    },
    defines=("refused", "waived", "tells_wins"),
)
