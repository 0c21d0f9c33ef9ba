"""What buyers hold against buying: in which stage, how it stands, and how the deals end."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Max, Min
from django.db.models.functions import Lower, Trim
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.models import Deal, Objection, ObjectionStatus, Status
from deals.models.machine import LIVE_STATUSES
from pipeline.models import Stage
from team.digits import number_in

from ..panels import Behind, Panel, Table, named

MOST = 8


@dataclass
class OfStage:
    """Objections raised while deals stood in one stage."""

    stage: object
    raised: int = 0
    states: dict = field(default_factory=lambda: defaultdict(int))
    # How the deals stand now: won, lost, archived or live.
    ends: dict = field(default_factory=lambda: defaultdict(int))

    @property
    def open(self):
        return self.states[ObjectionStatus.OPEN]

    @property
    def answered(self):
        return self.states[ObjectionStatus.ANSWERED]

    @property
    def accepted(self):
        return self.states[ObjectionStatus.ACCEPTED]

    @property
    def withdrawn(self):
        return self.states[ObjectionStatus.WITHDRAWN]

    @property
    def won(self):
        return self.ends[Status.WON]

    @property
    def lost(self):
        return self.ends[Status.LOST]

    @property
    def archived(self):
        return self.ends[Status.ARCHIVED]

    @property
    def live(self):
        return sum(self.ends[status] for status in LIVE_STATUSES)


@dataclass(frozen=True)
class Objections:
    stages: list
    # [(text, how often, deals)] of the texts raised most, letters big or small.
    texts: list

    @property
    def raised(self):
        return sum(row.raised for row in self.stages)


def of(lens):
    """Three statements: by stage and status of objection and deal, the stages' names, the commonest texts."""
    rows = _raised(lens).order_by()
    counted = rows.values_list("stage", "status", "deal__status").annotate(n=Count("pk"))
    found = {}
    for stage_id, status, deal_status, n in counted:
        row = found.setdefault(stage_id, OfStage(None))
        row.raised += n
        row.states[status] += n
        row.ends[deal_status] += n
    stages = Stage.objects.filter(pk__in=found).select_related("pipeline")
    for stage in stages:
        found[stage.pk].stage = stage
    ordered = sorted(found.values(), key=lambda row: (-row.raised, row.stage.pipeline_id, row.stage.pk))
    return Objections(ordered, _texts(rows) if found else [])


def _texts(rows):
    said = rows.annotate(said=Lower(Trim("text"))).values("said")
    counted = said.annotate(
        text=Min("text"), n=Count("pk"), deals=Count("deal", distinct=True), last=Max("raised_at")
    )
    return list(counted.order_by("-n", "-last", "said").values_list("text", "n", "deals")[:MOST])


def _raised(lens):
    rows = Objection.objects.filter(raised_at__gte=lens.since, raised_at__lt=lens.until)
    return rows if lens.is_whole else rows.filter(deal__in=lens.deals().order_by().values("pk"))


def table(data):
    head = (_("Stage"), _("Raised"), _("Open"), _("Answered"), _("Accepted"), _("Withdrawn"),
            _("Deal won"), _("Deal lost"), _("Deal archived"), _("Deal still live"))  # fmt: skip
    rows = [
        (row.stage.name, row.raised, row.open, row.answered, row.accepted, row.withdrawn, row.won, row.lost,
         row.archived, row.live)
        for row in data.stages
    ]  # fmt: skip
    return Table(_("Objections by stage"), head, rows)


def _deals(lens, arg):
    """Of one stage, or of all."""
    rows = _raised(lens)
    stage = number_in(arg)
    if stage is not None:
        rows = rows.filter(stage=stage)
    return Deal.objects.filter(pk__in=rows.order_by().values("deal"))


PANEL = Panel(
    key="objections",
    title=gettext_lazy("Objections"),
    of=of,
    template="insights/learning/objections.html",
    width=12,
    table=table,
    behind={"raised": Behind(gettext_lazy("Deals with an objection"), _deals, named=named.stage)},
    defines=("objections",),
)
