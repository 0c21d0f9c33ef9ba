"""Calibration: the probability that is set for each stage against how often deals that reached it were won."""

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.process import process_of

from ..charts.dots import dots
from ..forecast import history
from . import Behind, Panel, Table, named
from .named import number

LEAST = 10
ERRORS = 1.96


@dataclass(frozen=True)
class Line:
    pipeline: str
    stage: str
    set: int
    ended: int
    won: int
    id: int = 0

    @property
    def real(self):
        return round(100 * self.won / self.ended) if self.ended else None

    @property
    def off(self):
        """Whether chance alone would hardly do this: beyond 1.96 standard errors of what is set, ten deals at least."""
        if self.ended < LEAST:
            return False
        p = min(max(self.set / 100, 0.005), 0.995)
        return abs(self.won / self.ended - p) > ERRORS * sqrt(p * (1 - p) / self.ended)

    @property
    def chart(self):
        return dots(self.stage, self.set, self.real, self.off)


@dataclass(frozen=True)
class Calibration:
    groups: list
    since: object
    until: object

    @property
    def lines(self):
        return [line for _name, lines in self.groups for line in lines]

    @property
    def worst(self):
        """The one furthest off, in what it costs: deals times difference."""
        off = [line for line in self.lines if line.off]
        return max(off, key=lambda line: abs(line.real - line.set) * line.ended, default=None)


def of(lens):
    """Two statements for all deals, as the newest night counted; else one over the days of the lens."""
    processes = [process_of(pipeline) for pipeline in lens.pipelines]
    until, since = lens.today, lens.today - timedelta(days=history.SPAN)
    night, records = (None, {}) if not as_kept(lens) else history.newest(processes)
    if night is None:
        since, until = lens.start, lens.end
        found = history.count(lens.since, lens.until, None if lens.is_whole else lens.deals())
        records = history.assumed(found, processes)
    groups = [
        (str(pipeline), [_line(pipeline, stage, records[stage.stage_id]) for stage in counted(process)])
        for pipeline, process in zip(lens.pipelines, processes, strict=True)
    ]
    return Calibration(groups, since, until)


def counted(process):
    """The stages that count as pipeline: of the others nothing is forecast."""
    return [stage for stage in process.stages if stage.counts_as_pipeline]


def as_kept(lens):
    """Whether a night has it: all deals of whole pipelines."""
    asked = (lens.team, lens.owner, lens.source, lens.type, lens.segment, lens.band, lens.version)
    return lens.sees_all and not any(asked)


def _line(pipeline, stage, record):
    return Line(str(pipeline), stage.name, stage.probability, record.ended, record.won, stage.stage_id)


def table(data):
    rows = [
        (line.pipeline, line.stage, line.set, line.real, line.ended, line.won, _("yes") if line.off else "")
        for line in data.lines
    ]
    head = (
        _("Pipeline"),
        _("Stage"),
        _("Set, %"),
        _("Happened, %"),
        _("Deals"),
        _("Won"),
        _("Beyond chance"),
    )
    ids = [line.id if line.ended else None for line in data.lines]
    opens = {3: ("won", ids), 4: ("ended", ids), 5: ("won", ids)}
    return Table(_("Set and real probability by stage"), head, rows, opens)


def _night(lens):
    return history.newest_night() if as_kept(lens) else None


def _days(lens):
    night = _night(lens)
    return (night.day - timedelta(days=history.SPAN), night.day) if night else (lens.start, lens.end)


def _behind(won):
    """Deals that reached a stage and ended, of the days the line is of."""

    def deals(lens, arg):
        night = _night(lens)
        between = history.looked_at(night.day) if night else (lens.since, lens.until)
        among = None if night or lens.is_whole else lens.deals()
        return lens.deals().filter(pk__in=history.deal_ids(*between, number(arg), among, won))

    return deals


PANEL = Panel(
    key="calibration",
    title=gettext_lazy("Calibration"),
    of=of,
    template="insights/panels/calibration.html",
    width=12,
    table=table,
    behind={
        "ended": Behind(
            gettext_lazy("Deals that reached the stage and ended"),
            _behind(False),
            named=named.stage,
            days=_days,
        ),
        "won": Behind(
            gettext_lazy("Deals won that had reached the stage"), _behind(True), named=named.stage, days=_days
        ),
    },
    defines=("calibration",),
)
