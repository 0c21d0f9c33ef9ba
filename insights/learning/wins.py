"""The last deals that were won: how long each stood in each stage, and where it stalled."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.models import Status
from pipeline.process import process_of
from team.calendar import local_date

from ..panels import Panel, Table
from . import stays

LAST = 20


@dataclass(frozen=True)
class Cell:
    """Days in one stage; None: it was passed over. `stalled`: longer than the stage is meant to take."""

    days: int | None
    stalled: bool


@dataclass(frozen=True)
class Won:
    deal: object
    cells: list
    days: int

    @property
    def stalls(self):
        return sum(cell.stalled for cell in self.cells)


@dataclass(frozen=True)
class OfPipeline:
    pipeline: object
    stages: list
    deals: list
    # Median days per stage, over those that stood in it.
    medians: list

    @property
    def stalls(self):
        """[how many of these wins stalled in each stage]"""
        return [sum(won.cells[n].stalled for won in self.deals) for n in range(len(self.stages))]


@dataclass(frozen=True)
class Wins:
    pipelines: list

    @property
    def deals(self):
        return [won for part in self.pipelines for won in part.deals]


def of(lens):
    """Two statements besides reading the processes, whatever the period: the last ones, and their ledger rows."""
    known = {pipeline.pk: (pipeline, process_of(pipeline)) for pipeline in lens.pipelines}
    deals = (
        lens.deals().filter(status=Status.WON, pipeline__in=list(known)).select_related("company", "owner")
    )
    last = list(deals.order_by("-closed_at", "-pk")[:LAST])
    days = stays.of_each(last)
    parts = []
    for pipeline, process in known.values():
        won = [_won(deal, process, days[deal.pk]) for deal in last if deal.pipeline_id == pipeline.pk]
        if won:
            parts.append(OfPipeline(pipeline, list(process.stages), won, _medians(won)))
    return Wins(parts)


def _won(deal, process, days):
    cells = []
    for stage in process.stages:
        count = days.get(stage.stage_id)
        cells.append(Cell(count, bool(count and count > stage.target_days)))
    return Won(deal, cells, sum(days.values()))


def _medians(won):
    columns = zip(*([cell.days for cell in row.cells] for row in won), strict=True)
    return [_median([days for days in column if days is not None]) for column in columns]


def _median(numbers):
    """The middle one; of two in the middle the lower."""
    return sorted(numbers)[(len(numbers) - 1) // 2] if numbers else None


def table(data):
    """One row a deal and stage: pipelines have stages of their own."""
    head = (
        _("Deal"),
        _("Owner"),
        _("Won on"),
        _("Pipeline"),
        _("Stage"),
        _("Days"),
        _("Target, days"),
        _("Stalled"),
    )
    rows = [
        (won.deal.name, won.deal.owner.name, local_date(won.deal.closed_at), part.pipeline.name, stage.name, cell.days,
         stage.target_days, _("yes") if cell.stalled else "")
        for part in data.pipelines
        for won in part.deals
        for stage, cell in zip(part.stages, won.cells, strict=True)
    ]  # fmt: skip
    return Table(_("The last wins, stage by stage"), head, rows)


PANEL = Panel(
    key="last-wins",
    title=gettext_lazy("The last 20 wins, stage by stage"),
    of=of,
    template="insights/learning/wins.html",
    width=12,
    table=table,
    defines=("days_in_stage", "stalled_win"),
)
