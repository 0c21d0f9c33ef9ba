"""Where deals come from, and how many of them are more than noise."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..charts.bars import bar
from ..metrics import closing, percent
from . import Behind, Panel, Table


@dataclass(frozen=True)
class Source:
    name: str
    leads: int
    qualified: int
    won: int
    money: Decimal
    most: int

    @property
    def share(self):
        return round(percent(self.qualified, self.leads))

    @property
    def chart(self):
        words = _("%(part)d of %(whole)d qualified") % {"part": self.qualified, "whole": self.leads}
        return bar(self.leads, self.most, words, "bar", "none")


def of(lens):
    """One statement."""
    found = sorted(closing.lead_outcomes(lens).items(), key=lambda item: (-item[1][0], item[0]))
    most = max((figures[0] for _name, figures in found), default=0)
    return [Source(name, *figures, most) for name, figures in found]


def table(data):
    rows = [
        (each.name or _("none"), each.leads, each.qualified, each.share, each.won, each.money)
        for each in data
    ]
    head = (_("Lead source"), _("Begun"), _("Qualified"), _("Qualified, %"), _("Won"), _("Money won"))
    return Table(_("Lead sources"), head, rows)


def _begun(lens, arg):
    """Of one source; '-' stands for none."""
    return closing.begun(lens).filter(lead_source="" if arg == "-" else arg)


def _named(_lens, arg):
    return _("No source given") if arg == "-" else arg


PANEL = Panel(
    key="sources",
    title=gettext_lazy("Where deals come from"),
    of=of,
    template="insights/panels/sources.html",
    width=5,
    table=table,
    behind={"begun": Behind(gettext_lazy("Deals begun"), _begun, named=_named)},
    defines=("sources", "lead_to_opportunity"),
)
