"""Money before and after an audit, by stage and by owner. One statement over the stored counts."""

from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from team import formats
from team.models import User

from ..charts.stacked import Part, stacked


@dataclass
class Line:
    """A stage or an owner: what their deals claim, and what of it holds."""

    key: int | None
    name: str
    deals: int = 0
    failing: int = 0
    before: Decimal = Decimal(0)
    after: Decimal = Decimal(0)

    @property
    def claimed(self):
        return self.before - self.after

    def add(self, holds, count, money):
        self.deals += count
        self.before += money
        if holds:
            self.after += money
        else:
            self.failing += count


@dataclass
class Figures:
    """`stages` in their order, `owners` by what fails of theirs; both add up to `whole`."""

    whole: Line
    stages: list = field(default_factory=list)
    owners: list = field(default_factory=list)
    early_count: int = 0
    early: Decimal = Decimal(0)
    # Of the whole, what is silent or paused.
    away: int = 0
    away_money: Decimal = Decimal(0)


def of(look):
    """Two statements, however many deals there are."""
    grouped = look.judged().values_list("stage_id", "owner_id", "status", "counts_as_pipeline", "holds")
    rows = list(grouped.annotate(Count("pk"), Sum("amount_base")))
    names = _stage_names(look)
    found = Figures(Line(None, _("All")))
    owners = {}
    people = dict(User.objects.filter(pk__in={row[1] for row in rows}).values_list("pk", "name"))
    stages = {pk: Line(pk, names.get(pk, "?")) for pk in dict.fromkeys([*names, *(row[0] for row in rows)])}
    for stage_id, owner_id, status, counts, holds, count, money in rows:
        if not counts:
            found.early_count, found.early = found.early_count + count, found.early + money
            continue
        line = owners.setdefault(owner_id, Line(owner_id, people[owner_id]))
        for each in (found.whole, stages[stage_id], line):
            each.add(holds, count, money)
        if status != "open":
            found.away, found.away_money = found.away + count, found.away_money + money
    found.stages = [line for line in stages.values() if line.deals]
    found.owners = sorted(owners.values(), key=lambda line: (-line.claimed, line.name))
    return found


def _stage_names(look):
    """{stage id: name} in the order of the process."""
    return {stage.stage_id: stage.name for stage in look.published.stages}


def headline(before, after, currency):
    """ "€8.9M claimed before, €6.8M after" """
    return _("%(before)s claimed before, %(after)s after") % {
        "before": formats.money_short(before, currency),
        "after": formats.money_short(after, currency),
    }


def bar(line, currency, height=12):
    """What holds, solid; the rest, hatched."""
    return stacked(
        [Part("on", line.after, _("holds")), Part("cl", line.claimed, _("fails"))], currency, height=height
    )


def bar_of_whole(line, whole, currency, height=10):
    """The same on the scale of the largest line."""
    parts = [Part("on", line.after, _("holds")), Part("cl", line.claimed, _("fails"))]
    rest = max(whole - line.before, Decimal(0))
    said = "; ".join(
        f"{part.words} {formats.money_short(part.amount, currency)}" for part in parts if part.amount
    )
    return stacked([*parts, Part("none", rest, "")], currency, height=height, label=said or _("Nothing here"))
