"""How long deals stay in a stage, beside what the process aims at."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from team import formats

from ..charts.ranges import spread as drawn
from ..metrics import stays, waiting
from ..metrics.six import LEAST
from ..metrics.stages import Step, by_pipeline
from . import Behind, Panel, Table, named
from .named import number


@dataclass(frozen=True)
class Row:
    step: Step
    stays: stays.Stays
    longest: float

    @property
    def target(self):
        return self.step.stage.target_days

    @property
    def median(self):
        """Whole days, where enough stays have ended."""
        spread = self.stays.spread
        return round(spread.median) if spread.n >= LEAST else None

    @property
    def is_over(self):
        return self.median is not None and self.median > self.target

    @property
    def said(self):
        return formats.days(self.median)

    @property
    def chart(self):
        if self.median is None:
            return ""
        spread = self.stays.spread
        label = _("%(stage)s: median %(median)s, middle half %(low)d to %(high)d, target %(target)d") % {
            "stage": self.step.name, "median": self.said, "low": round(spread.low), "high": round(spread.high),
            "target": self.target,
        }  # fmt: skip
        return drawn(spread, self.target, self.longest, label)


@dataclass(frozen=True)
class Times:
    groups: list
    slowest: Row | None
    waits: waiting.Waited | None  # of the slowest, on us

    @property
    def rows(self):
        return [row for _pipeline, rows in self.groups for row in rows]

    @property
    def drawn(self):
        shown = [(each, [row for row in rows if row.median is not None]) for each, rows in self.groups]
        return [(each, rows) for each, rows in shown if rows]


def of(lens):
    """Two statements."""
    found = stays.stays(lens)
    groups = [
        (each, [(step, found.get(step.id, stays.Stays())) for step in steps])
        for each, steps in by_pipeline(lens)
    ]
    highs = [stay.spread.high or 0 for _pipeline, rows in groups for _step, stay in rows]
    targets = [step.stage.target_days for _pipeline, rows in groups for step, _stay in rows]
    longest = 1.05 * max([*highs, *targets], default=1)
    groups = [(each, [Row(step, stay, longest) for step, stay in rows]) for each, rows in groups]
    over = [row for _pipeline, rows in groups for row in rows if row.is_over]
    slowest = max(over, key=lambda row: row.median / row.target, default=None)
    waits = waiting.on_us(lens).get(slowest.step.id) if slowest else None
    return Times(groups, slowest, waits if waits and waits.mean >= 1 else None)


HEAD = (
    gettext_lazy("Pipeline"), gettext_lazy("Stage"), gettext_lazy("Target, days"), gettext_lazy("Stays"),
    gettext_lazy("Median"), gettext_lazy("Mean"), gettext_lazy("Middle half from"), gettext_lazy("to"),
    gettext_lazy("90% within"), gettext_lazy("Median, business days"), gettext_lazy("Ended otherwise"),
    gettext_lazy("Their median"), gettext_lazy("Paused days taken out"),
)  # fmt: skip


def table(data):
    return Table(_("Days in stage"), HEAD, [_cells(row) for row in data.rows])


def _cells(row):
    spread, otherwise = row.stays.spread, row.stays.otherwise_spread
    figures = (
        spread.median,
        spread.mean,
        spread.low,
        spread.high,
        spread.p90,
        row.stays.business_spread.median,
    )
    return (
        row.step.pipeline.name, row.step.name, row.target, spread.n, *(_rounded(figure) for figure in figures),
        otherwise.n, _rounded(otherwise.median), row.stays.paused,
    )  # fmt: skip


def _rounded(value):
    return None if value is None else round(value, 1)


def _moved_on(lens, arg):
    return lens.deals().filter(pk__in=stays.deal_ids(lens, number(arg)))


PANEL = Panel(
    key="time",
    title=gettext_lazy("Time in stage"),
    of=of,
    template="insights/panels/time.html",
    width=7,
    table=table,
    behind={"moved": Behind(gettext_lazy("Deals that left the stage"), _moved_on, named=named.stage)},
    defines=("time_in_stage",),
)
