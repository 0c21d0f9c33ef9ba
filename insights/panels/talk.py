"""Which deals to talk about: those at risk, the largest first, and what is gone although it still counts."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy

from .. import at_risk
from ..risks import SILENT, Risks
from . import Behind, Panel

SHOWN = 9


@dataclass(frozen=True)
class ToTalk:
    count: int
    money: Decimal
    # Phantom pipeline: deals whose buyer is silent past the threshold.
    silent_count: int
    silent: Decimal
    rows: list


def of(lens):
    """The sums, the deals shown, their people with roles, and what is open on them: a fixed number a process."""
    found, none = Risks(lens), Decimal(0)
    silent = found.conditions[SILENT]
    sums = found.deals().order_by().aggregate(
        count=Count("pk"), money=Sum("amount_base", default=none),
        silent_count=Count("pk", filter=silent), silent=Sum("amount_base", filter=silent, default=none),
    )  # fmt: skip
    shown = at_risk.rows(lens, found, at_risk.ranked(found.deals())[:SHOWN]) if sums["count"] else []
    return ToTalk(rows=shown, **sums)


def _deals(lens, arg):
    return Risks(lens).deals(arg)


PANEL = Panel(
    key="risk",
    title=gettext_lazy("Which deals to talk about?"),
    of=of,
    template="insights/panels/talk.html",
    width=7,
    behind={"deals": Behind(gettext_lazy("Deals at risk"), _deals)},
    defines=("at_risk", "phantom"),
)
