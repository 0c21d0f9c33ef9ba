"""How many of the deals that reached a stage were won."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..charts.bars import bar
from ..metrics import cohorts
from ..metrics.six import LEAST
from ..metrics.stages import Step, by_pipeline
from . import Behind, Panel, Table, named
from .named import number


@dataclass(frozen=True)
class Row:
    step: Step
    cohort: cohorts.Cohort

    @property
    def share(self):
        return round(self.cohort.win_rate) if self.cohort.closed >= LEAST else None

    @property
    def chart(self):
        label = _("%(won)d of %(closed)d were won") % {"won": self.cohort.won, "closed": self.cohort.closed}
        return "" if self.share is None else bar(self.share, 100, label)


@dataclass(frozen=True)
class Wins:
    groups: list

    @property
    def rows(self):
        return [row for _pipeline, rows in self.groups for row in rows]

    @property
    def drawn(self):
        return [(each, rows) for each, rows in self.groups if any(row.share is not None for row in rows)]


def of(lens):
    """One statement, shared with the other panels of cohorts."""
    found = cohorts.cohorts(lens)
    return Wins(
        [(each, [Row(step, found.stage(step.id)) for step in steps]) for each, steps in by_pipeline(lens)]
    )


def table(data):
    head = (
        _("Pipeline"), _("Stage"), _("Reached"), _("Won"), _("Lost"), _("Archived"), _("Open"), _("Win rate, %"),
        _("Probability set, %"),
    )  # fmt: skip
    rows = [
        (row.step.pipeline.name, row.step.name, row.cohort.reached, row.cohort.won, row.cohort.lost,
         row.cohort.archived, row.cohort.live, row.share, row.step.stage.probability)
        for row in data.rows
    ]  # fmt: skip
    return Table(_("Win rate by stage"), head, rows)


def _won(lens, arg):
    return lens.deals().filter(pk__in=cohorts.deal_ids(lens, number(arg)), status="won")


PANEL = Panel(
    key="stage_wins",
    title=gettext_lazy("Win rate by stage"),
    of=of,
    template="insights/panels/stage_wins.html",
    width=5,
    table=table,
    behind={"won": Behind(gettext_lazy("Deals won that had reached the stage"), _won, named=named.stage)},
    defines=("stage_win_rate",),
)
