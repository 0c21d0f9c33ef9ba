"""Deals that stall: live, and in their stage for longer than deals that were won stood there on average."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from deals.models import Deal, Status
from pipeline.process import process_of
from team.calendar import local_date

from ..learning import stays
from ..panels import Table

HISTORY = timedelta(days=365)
# From fewer wins no average is taken: the stage's own target stands in for it.
LEAST_WINS = 5
CHUNK = 500


@dataclass(frozen=True)
class Threshold:
    """How long is normal in one stage, and how many stand there longer."""

    pipeline: object
    stage: object
    days: int
    # Won deals the average is taken from; too few: the target of the stage counts.
    wins: int
    live: int = 0
    stalled: int = 0
    money: Decimal = Decimal(0)

    @property
    def is_target(self):
        return self.wins < LEAST_WINS

    @property
    def words(self):
        if self.is_target:
            return _("target of the stage: fewer than %d wins to learn from") % LEAST_WINS
        return _("average of %d won deals") % self.wins


@dataclass(frozen=True)
class Stalled:
    thresholds: list
    # [(owner's name, owner's id, deals, money)], most money first.
    owners: list = field(default_factory=list)

    @property
    def count(self):
        return sum(row.stalled for row in self.thresholds)

    @property
    def money(self):
        return sum((row.money for row in self.thresholds), Decimal(0))


def of(lens, thresholds=None):
    """Thresholds with what stands longer, and the owners. Two statements beyond those of the thresholds."""
    known = thresholds or normal(lens)
    late = behind(lens, known)
    counted = {stage: row for stage, *row in late.values_list("stage").annotate(**_SUMS)}
    live = dict(_live(lens).filter(stage__in=[row.stage.stage_id for row in known]).order_by()
                .values_list("stage").annotate(Count("pk")))  # fmt: skip
    rows = [
        Threshold(
            row.pipeline, row.stage, row.days, row.wins, live.get(row.stage.stage_id, 0),
            *counted.get(row.stage.stage_id, (0, Decimal(0))),
        )
        for row in known
    ]  # fmt: skip
    owners = late.values_list("owner__name", "owner").annotate(**_SUMS)
    return Stalled(rows, sorted(owners, key=lambda row: (-row[3], row[0])))


_SUMS = {"n": Count("pk"), "money_there": Sum("amount_base")}


def normal(lens):
    """What is normal in each stage of the lens' pipelines, learnt from everybody's wins of a year. Two statements."""
    since = lens.now - HISTORY
    won = Deal.objects.made().filter(
        pipeline__in=[pipeline.pk for pipeline in lens.pipelines], status=Status.WON, closed_at__gte=since
    )
    learnt = stays.averages(won, since)
    return [
        _threshold(pipeline, stage, *learnt.get(stage.stage_id, (0, 0)))
        for pipeline in lens.pipelines
        for stage in process_of(pipeline).stages
    ]


def _threshold(pipeline, stage, average, wins):
    days = max(1, round(average)) if wins >= LEAST_WINS else stage.target_days
    return Threshold(pipeline, stage, days, wins)


def _live(lens):
    return lens.deals().filter(status__in=[Status.OPEN, Status.RE_ENGAGING])


def behind(lens, thresholds, stage_id=None):
    """The deals themselves. One that is paused waits for a day that was named, and does not stall."""
    late = Q(pk__in=[])
    for row in thresholds:
        if stage_id in (None, row.stage.stage_id):
            late |= Q(stage=row.stage.stage_id, stage_entered_at__lte=lens.now - timedelta(days=row.days + 1))
    return _live(lens).filter(late).order_by()


def listed(lens, thresholds, stage_id=None):
    """The same with what a list shows, the longest first."""
    found = behind(lens, thresholds, stage_id).select_related("company", "owner", "stage", "pipeline")
    return found.order_by("stage_entered_at", "pk")


def with_days(deals, thresholds, now):
    """Yields each deal with `days` in its stage, `normal` there and `over`."""
    normals = {row.stage.stage_id: row.days for row in thresholds}
    for deal in deals:
        deal.days = (now - deal.stage_entered_at).days
        deal.normal = normals[deal.stage_id]
        deal.over = deal.days - deal.normal
        yield deal


def table(lens, thresholds, stage_id=None):
    """For the sheet: every deal, in the order of the page, read as the rows are."""
    head = (_("Deal"), _("Company"), _("Owner"), _("Pipeline"), _("Stage"), _("In stage since"), _("Days"),
            _("Normal, days"), _("Money"), _("Next step on"))  # fmt: skip
    found = listed(lens, thresholds, stage_id).iterator(CHUNK)
    rows = (
        (deal.name, deal.company.name, deal.owner.name, deal.pipeline.name, deal.stage.name,
         local_date(deal.stage_entered_at).isoformat(), deal.days, deal.normal, deal.amount_base, deal.next_step_on)
        for deal in with_days(found, thresholds, lens.now)
    )  # fmt: skip
    return Table(_("Stalled deals"), head, rows)


def by_stage(found):
    """Of a Stalled, for the sheet."""
    head = (
        _("Pipeline"),
        _("Stage"),
        _("Normal, days"),
        _("Learnt from"),
        _("Live"),
        _("Stalled"),
        _("Money"),
    )
    rows = [
        (row.pipeline.name, row.stage.name, row.days, row.words, row.live, row.stalled, row.money)
        for row in found.thresholds
    ]
    return Table(_("What is normal"), head, rows)


def by_owner(found):
    """The same by who owns them."""
    head = (_("Owner"), _("Deals"), _("Money"))
    return Table(_("By owner"), head, [(name, n, money) for name, _pk, n, money in found.owners])
