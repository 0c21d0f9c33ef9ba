"""Win and loss by one dimension at a time; every table has the same sum."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..lens import SIZES
from ..metrics import closing
from ..metrics.six import LEAST
from . import Behind, Panel, Table

# Of a dimension's parts on the page; the sheet has them all.
MOST = 20
NAMES = {
    "band": gettext_lazy("Size"), "source": gettext_lazy("Lead source"), "owner": gettext_lazy("Owner"),
    "team": gettext_lazy("Team"), "pipeline": gettext_lazy("Pipeline"), "type": gettext_lazy("Type"),
    "industry": gettext_lazy("Segment"), "stage": gettext_lazy("Stage it ended in"),
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """`arg` opens its deals; None: they are not listed together."""

    key: str
    name: str
    ended: closing.Ended
    arg: str | None = None

    @property
    def share(self):
        """Whole percent of the decided, where enough deals were."""
        return None if self.ended.won + self.ended.lost < LEAST else round(self.ended.close_rate)


@dataclass(frozen=True)
class Turn:
    by: str
    name: str
    parts: list

    @property
    def lines(self):
        """What a page shows: as many parts as it takes, the others together, and all."""
        parts, rest = self.parts, []
        if len(parts) > MOST:
            parts, others = parts[: MOST - 1], parts[MOST - 1 :]
            rest = [Part("", _("%d others") % len(others), _together(others))]
        return [*parts, *rest, Part("", _("All"), _together(self.parts), arg="")]


def _together(parts):
    return sum((part.ended for part in parts), closing.Ended())


@dataclass(frozen=True)
class Pivot:
    turns: list
    whole: closing.Ended


def of(lens):
    """Two statements: all dimensions, and the whole."""
    return Pivot([_turn(lens, by, name) for by, name in NAMES.items()], closing.ended(lens))


def _turn(lens, by, name):
    parts = [
        Part(key, _said(by, key), each, f"{by}::{key}") for key, each in closing.turned(lens)[by].items()
    ]
    order = list(SIZES)
    parts.sort(key=lambda part: (order.index(part.key) if by == "band" else -part.ended.all, part.name))
    return Turn(by, str(name), parts)


def _said(by, key):
    return str(SIZES.get(key, key)) if by == "band" else key


def table(data):
    head = (
        _("By"), _("Part"), _("Won"), _("Lost"), _("Disqualified"), _("Archived"), _("Close rate, %"),
        _("Money won"), _("Money lost"),
    )  # fmt: skip
    rows = [
        _cells(turn.name, part.name or _("none"), part.ended) for turn in data.turns for part in turn.parts
    ]
    return Table(_("Win and loss"), head, [*rows, _cells(_("All"), "", data.whole)])


def _cells(by, name, ended):
    rate = None if ended.won + ended.lost < LEAST else round(ended.close_rate, 1)
    return (
        by,
        name,
        ended.won,
        ended.lost,
        ended.disqualified,
        ended.archived,
        rate,
        ended.money,
        ended.lost_money,
    )


def _ended(lens, arg):
    """'type:won:Upgrade': one part of one dimension, ended in one way; an empty way is every way, nothing is all."""
    by, _colon, rest = arg.partition(":")
    ending, _colon, key = rest.partition(":")
    if not arg:
        return closing.closed(lens)
    if by not in closing.DIMENSIONS:
        return closing.closed(lens).none()
    found = closing.closed(lens).annotate(key=closing.DIMENSIONS[by]).filter(key=key)
    return found.filter(ending=ending) if ending else found


def _named(_lens, arg):
    by, _colon, rest = arg.partition(":")
    key = rest.partition(":")[2]
    return f"{NAMES[by]}, {_said(by, key) or _('none')}" if by in NAMES else ""


PANEL = Panel(
    key="winloss",
    title=gettext_lazy("Win and loss"),
    of=of,
    template="insights/panels/winloss.html",
    width=12,
    table=table,
    shows_table=True,
    behind={"ended": Behind(gettext_lazy("Deals that closed"), _ended, named=_named)},
    defines=("pivot", "close_rate"),
)
