"""Which deals to talk about: those at risk, the largest first, and what is gone although it still counts."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy

from deals.rows.among import Among

from ..attention import at_risk
from ..attention.risks import SILENT, Risks
from . import Behind, Panel, as_of_now

SHOWN = 6
LARGEST = 100


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
    return ToTalk(rows=_shown(lens, found, min(SHOWN, sums["count"])), **sums)


def _shown(lens, found, number):
    """Looked for among the largest open deals first, since every cause of every deal is asked otherwise."""
    if not number:
        return []
    largest = Among("pk", at_risk.ranked(lens.open()).values_list("pk", flat=True)[:LARGEST])
    for deals in (found.deals().filter(largest), found.deals()):
        rows = at_risk.rows(lens, found, at_risk.ranked(deals)[:number])
        if len(rows) == number:
            break
    return rows


def _deals(lens, arg):
    return Risks(lens).deals(arg)


PANEL = Panel(
    key="risk",
    title=gettext_lazy("Which deals to talk about?"),
    of=of,
    template="insights/panels/talk.html",
    width=6,
    behind={"deals": Behind(gettext_lazy("Deals at risk"), _deals, days=as_of_now)},
    defines=("at_risk", "phantom"),
)
