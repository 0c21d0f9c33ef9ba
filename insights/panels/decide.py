"""What waits for me: everything this manager is to decide, the oldest first."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import waiting
from team import formats

from . import Panel, Table

SHOWN = 5
# key of a group -> (icon, what one of it is called)
KINDS = {
    "exceptions": ("flag", gettext_lazy("Exception")),
    "handovers": ("hand", gettext_lazy("Handed to you")),
    "approvals": ("clock", gettext_lazy("Approval")),
    "archives": ("archive", gettext_lazy("Archive")),
    "holds": ("lock", gettext_lazy("Held back")),
}


@dataclass(frozen=True)
class One:
    icon: str
    kind: str
    item: waiting.Item


@dataclass(frozen=True)
class Waits:
    shown: list
    all: list
    more: bool

    @property
    def count(self):
        return len(self.all)


def of(lens):
    """As many statements as there are kinds, and one for the teams; whatever the filters ask."""
    groups = waiting.found(lens.user)
    found = [One(*KINDS[group.key], item) for group in groups for item in group.items]
    found.sort(key=lambda one: one.item.since)
    return Waits(found[:SHOWN], found, any(group.more for group in groups))


def table(data):
    rows = [
        (str(one.kind), one.item.title, one.item.money, one.item.words, formats.day(one.item.since))
        for one in data.all
    ]
    return Table(_("What waits for me"), (_("Kind"), _("Deal"), _("Money"), _("What"), _("Since")), rows)


PANEL = Panel(
    key="decide",
    title=gettext_lazy("What waits for me?"),
    of=of,
    template="insights/panels/decide.html",
    width=3,
    table=table,
    defines=("waits",),
    managers=True,
    personal=True,
)
