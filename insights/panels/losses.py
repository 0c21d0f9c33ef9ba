"""Why deals are lost, who takes them, and why two win rates differ."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..charts.bars import bar
from ..lens import SIZES
from ..metrics import closing, cohorts, rivals
from ..metrics.six import enough
from . import Behind, Panel, Table, named
from .named import number


@dataclass(frozen=True)
class Reason:
    loss: closing.Losses
    most: int

    @property
    def chart(self):
        return bar(self.loss.count, self.most, _("%d deals") % self.loss.count, "won", "none")


@dataclass(frozen=True)
class Why:
    losses: list
    silent: int
    ended: closing.Ended
    qualified: cohorts.Cohort
    rivals: list

    @property
    def most(self):
        return max([self.silent, *(each.count for each in self.losses)], default=0)

    @property
    def bars(self):
        return [Reason(each, self.most) for each in self.losses]

    @property
    def silent_chart(self):
        return bar(self.silent, self.most, _("%d deals") % self.silent, "cl", "none")

    @property
    def count(self):
        return sum(each.count for each in self.losses)

    @property
    def first(self):
        """(reason, percent of all losses) of the most frequent one."""
        return (
            (self.losses[0].reason, round(100 * self.losses[0].count / self.count)) if self.losses else None
        )

    @property
    def takers(self):
        return [rival for rival in self.rivals if rival.lost_to]

    @property
    def taken(self):
        return sum(rival.lost_to for rival in self.takers)

    @property
    def win_rate(self):
        return enough(self.qualified.won, self.qualified.closed)

    @property
    def decided(self):
        return self.ended.won + self.ended.lost

    @property
    def close_rate(self):
        return enough(self.ended.won, self.decided)


def of(lens):
    """Five statements, two of them shared with other panels."""
    return Why(
        losses=closing.losses(lens),
        silent=closing.silent(lens),
        ended=closing.ended(lens),
        qualified=cohorts.cohorts(lens).qualified,
        rivals=rivals.rivals(lens),
    )


WORDS = {
    "stage": gettext_lazy("Stage"),
    "owner": gettext_lazy("Owner"),
    "type": gettext_lazy("Type"),
    "band": gettext_lazy("Size"),
}


def table(data):
    """Each reason as a whole, then by stage, owner, type and size."""
    rows = []
    for loss in data.losses:
        rows.append((loss.reason, "", "", loss.count, loss.money))
        parts = sorted(
            loss.by.items(), key=lambda part: (list(WORDS).index(part[0][0]), -part[1], str(part[0][1]))
        )
        rows += [
            ("", str(WORDS[by]), str(SIZES[key]) if by == "band" else key or _("none"), n, None)
            for (by, key), n in parts
        ]
    rows.append((_("Went silent, archived"), "", "", data.silent, None))
    for rival in data.rivals:
        rows.append((_("Lost to"), _("Competitor"), rival.name, rival.lost_to, None))
        rows.append((_("Won against"), _("Competitor"), rival.name, rival.won, None))
        rows.append((_("Open with"), _("Competitor"), rival.name, rival.open, None))
    return Table(_("Losses"), (_("Reason"), _("By"), _("Part"), _("Deals"), _("Money")), rows)


def _lost(lens, arg):
    return closing.lost_deals(lens, number(arg) if arg else None)


def _lost_to(lens, arg):
    return closing.lost_deals(lens).filter(rivalries__competitor=number(arg), rivalries__state="lost_to")


PANEL = Panel(
    key="why",
    title=gettext_lazy("Why we lose"),
    of=of,
    template="insights/panels/losses.html",
    width=12,
    table=table,
    behind={
        "lost": Behind(gettext_lazy("Deals lost"), _lost, named=named.loss_reason),
        "silent": Behind(
            gettext_lazy("Qualified deals that went silent"), lambda lens, arg: closing.silent_deals(lens)
        ),
        "lost_to": Behind(gettext_lazy("Deals lost to a competitor"), _lost_to, named=named.competitor),
    },
    defines=("loss_reasons", "competitors", "win_rate", "close_rate"),
)
