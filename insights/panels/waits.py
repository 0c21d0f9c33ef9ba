"""How long deals wait on us and on the buyer, and what is done meanwhile, stage by stage."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..metrics import waiting
from ..metrics.stages import Step, steps
from . import Behind, Panel, Table, named
from .named import number

CALLS, TALKS, MAILS = ("call",), ("meeting", "demo", "evaluation"), ("email", "proposal", "confirmation")


@dataclass(frozen=True)
class Row:
    step: Step
    us: waiting.Waited
    buyer: waiting.Waited
    kinds: dict

    calls = property(lambda self: sum(self.kinds.get(kind, 0) for kind in CALLS))
    mails = property(lambda self: sum(self.kinds.get(kind, 0) for kind in MAILS))
    meetings = property(lambda self: sum(self.kinds.get(kind, 0) for kind in TALKS))
    activities = property(lambda self: sum(self.kinds.values()))

    @property
    def is_empty(self):
        return not (self.us.count or self.buyer.count or self.activities)


@dataclass(frozen=True)
class Waits:
    rows: list

    @property
    def shown(self):
        return [row for row in self.rows if not row.is_empty]

    @property
    def most(self):
        """Where we keep the buyer waiting longest."""
        return max((row for row in self.rows if row.us.days), key=lambda row: row.us.days, default=None)

    @property
    def many(self):
        return len({row.step.pipeline for row in self.shown}) > 1


def of(lens):
    """Three statements."""
    us, buyer, kinds = waiting.on_us(lens), waiting.on_buyer(lens), waiting.activities(lens)
    none = waiting.Waited()
    rows = [
        Row(step, us.get(step.id, none), buyer.get(step.id, none), kinds.get(step.id, {}))
        for step in steps(lens)
    ]
    return Waits(rows)


def table(data):
    head = (
        _("Pipeline"), _("Stage"), _("Days on us"), _("Approvals"), _("Days on the buyer"), _("Messages"),
        _("Calls"), _("Mails"), _("Meetings"), _("All activities"),
    )  # fmt: skip
    rows = [
        (row.step.pipeline.name, row.step.name, row.us.days, row.us.count, row.buyer.days, row.buyer.count,
         row.calls, row.mails, row.meetings, row.activities)
        for row in data.rows
    ]  # fmt: skip
    return Table(_("Waiting and activities by stage"), head, rows)


def _on_us(lens, arg):
    return waiting.waits_on_us(lens, number(arg) if arg else None)


def _on_buyer(lens, arg):
    return waiting.waited_on_buyer(lens, number(arg) if arg else None)


def _acted(title, kinds):
    def deals(lens, arg):
        return waiting.acted_on(lens, number(arg) if arg else None, kinds)

    return Behind(title, deals, named=named.stage)


PANEL = Panel(
    key="waits",
    title=gettext_lazy("Waiting on us, waiting on them"),
    of=of,
    template="insights/panels/waits.html",
    width=12,
    table=table,
    behind={
        "us": Behind(gettext_lazy("Deals that waited on an approval of ours"), _on_us, named=named.stage),
        "buyer": Behind(gettext_lazy("Deals that waited on the buyer"), _on_buyer, named=named.stage),
        "calls": _acted(gettext_lazy("Deals with calls"), CALLS),
        "mails": _acted(gettext_lazy("Deals with mails"), MAILS),
        "meetings": _acted(gettext_lazy("Deals with meetings"), TALKS),
    },
    defines=("waiting_us", "waiting_buyer", "activities"),
)
