"""Where deals stop: what share of each stage's deals went on, the worst step, and what is open there."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.models import GateRefusal, Kind
from deals.overview import stage_numbers
from pipeline.models import CriterionDefinition
from pipeline.process import process_of

from ..charts.bars import bar
from ..metrics import cohorts
from ..metrics.six import LEAST
from ..metrics.stages import Step, by_pipeline
from . import Behind, Panel, Table, named
from .named import number

# So many of the newest refusals are looked at for what stops deals.
STOPS = 15


@dataclass(frozen=True)
class Row:
    step: Step
    cohort: cohorts.Cohort
    back: int
    excepted: int
    is_worst: bool = False

    @property
    def share(self):
        """Whole percent, where enough deals are decided."""
        return round(self.cohort.conversion) if self.cohort.decided >= LEAST else None

    @property
    def chart(self):
        if self.share is None:
            return ""
        label = _("%d percent moved on") % self.share
        return bar(self.share, 100, label, "lk" if self.is_worst else "bar")


@dataclass(frozen=True)
class Stops:
    """In `n` of the last `of` stops this criterion was open; `open_deals`: counted on deals that stand there."""

    label: str
    n: int
    of: int = 0


@dataclass(frozen=True)
class Leak:
    groups: list  # [(pipeline, [Row])]
    worst: Row | None
    stops: Stops | None
    back: int
    excepted: int

    @property
    def rows(self):
        return [row for _pipeline, rows in self.groups for row in rows]

    @property
    def is_tight(self):
        """Whether enough deals are decided somewhere, and none of them was lost on the way."""
        return self.worst is None and any(row.share is not None for _each, rows in self.drawn for row in rows)

    @property
    def drawn(self):
        """Without stages that do not count as pipeline, and pipelines in which nothing happened."""
        groups = [
            (each, [row for row in rows if row.step.stage.counts_as_pipeline]) for each, rows in self.groups
        ]
        return [(each, rows) for each, rows in groups if any(row.cohort.reached for row in rows)]


def of(lens):
    """Three statements, and one more where there is a worst step."""
    found, detours = cohorts.cohorts(lens), cohorts.detours(lens)
    groups = [(each, [_row(step, found, detours) for step in steps]) for each, steps in by_pipeline(lens)]
    worst = worst_of([row for _pipeline, rows in groups for row in rows])
    groups = [(each, [_marked(row, worst) for row in rows]) for each, rows in groups]
    rows = [row for _pipeline, rows in groups for row in rows]
    return Leak(
        groups=groups,
        worst=worst,
        stops=stops(lens, worst.step) if worst else None,
        back=sum(row.back for row in rows),
        excepted=sum(row.excepted for row in rows),
    )


def _row(step, found, detours):
    back, excepted = detours.get((Kind.BACK, step.id), 0), detours.get((Kind.EXCEPTION, step.id), 0)
    return Row(step, found.stage(step.id), back, excepted)


def _marked(row, worst):
    return Row(row.step, row.cohort, row.back, row.excepted, worst is not None and row.step == worst.step)


def worst_of(rows):
    """The step with the lowest share, of those with enough deals in a stage that counts as pipeline; None where all
    moved on."""
    told = [row for row in rows if row.share not in (None, 100) and row.step.stage.counts_as_pipeline]
    return min(told, key=lambda row: (row.cohort.conversion, -row.cohort.decided), default=None)


def stops(lens, step):
    """What was open most often when deals wanted to leave a stage; else what most deals there lack."""
    refused = GateRefusal.objects.filter(from_stage=step.id, at__gte=lens.since, at__lt=lens.until)
    if not lens.is_whole:
        refused = refused.filter(deal__in=lens.deals().order_by().values("pk"))
    asked = list(refused.order_by("-at", "-pk").values_list("criteria", flat=True)[:STOPS])
    most = Counter(pk for criteria in asked for pk in set(criteria)).most_common(1)
    if most:
        pk, n = most[0]
        words = (
            CriterionDefinition.objects.filter(criterion=pk)
            .order_by("-valid_from")
            .values_list("label", flat=True)
        )
        return Stops(words.first() or "", n, len(asked))
    here = lens.deals().open().filter(stage_id=step.id)
    held = stage_numbers.held_up(here, process_of(step.pipeline), step.stage, lens.today)
    return Stops(held["held_up_by"].label, held["held_up"]) if held["held_up"] else None


HEAD = (
    gettext_lazy("Pipeline"), gettext_lazy("Stage"), gettext_lazy("Reached"), gettext_lazy("Moved on"),
    gettext_lazy("Ended there"), gettext_lazy("Under way"), gettext_lazy("Share, %"), gettext_lazy("Moved back"),
    gettext_lazy("By exception"),
)  # fmt: skip


def table(data):
    rows = [
        (row.step.pipeline.name, row.step.name, row.cohort.reached, row.cohort.moved, row.cohort.ended,
         row.cohort.under_way, row.share, row.back, row.excepted)
        for row in data.rows
    ]  # fmt: skip
    return Table(_("Conversion by stage"), HEAD, rows)


def _reached(lens, arg):
    return lens.deals().filter(pk__in=cohorts.deal_ids(lens, number(arg)))


def _moved(lens, arg):
    return lens.deals().filter(pk__in=cohorts.deal_ids(lens, number(arg), True))


def _stopped(lens, arg):
    """Ended there, or still under way."""
    return lens.deals().filter(pk__in=cohorts.deal_ids(lens, number(arg), False))


PANEL = Panel(
    key="leak",
    title=gettext_lazy("Where does it leak?"),
    of=of,
    template="insights/panels/leak.html",
    width=3,
    table=table,
    behind={
        "reached": Behind(gettext_lazy("Deals that reached the stage"), _reached, named=named.stage),
        "moved": Behind(gettext_lazy("Deals that moved on"), _moved, named=named.stage),
        "stopped": Behind(gettext_lazy("Deals that did not move on"), _stopped, named=named.stage),
    },
    defines=("stage_conversion",),
)
