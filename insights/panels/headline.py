"""How much of the pipeline is proven, how much is claimed, and why."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, CharField, Count, Q, Sum, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.models import Status
from team import formats

from .. import causes
from ..charts.stacked import Part, stacked
from ..standing.standings import EARLY
from . import Behind, Panel, Table, as_of_now, named


@dataclass(frozen=True)
class Cause:
    key: str
    words: str
    count: int
    money: Decimal


@dataclass(frozen=True)
class Headline:
    count: int
    proven_count: int
    proven: Decimal
    claimed: Decimal
    causes: list
    # Open deals before the first stage that counts as pipeline.
    prospecting_count: int
    prospecting: Decimal
    chart: str

    @property
    def whole(self):
        return self.proven + self.claimed


def of(lens):
    """One statement: open deals by cause, and what is too early to count."""
    none = (0, Decimal(0))
    deals = lens.deals().open().with_proven(lens.today, lens.grace)
    cause = Case(
        When(counts_as_pipeline=False, then=Value(EARLY)),
        default=causes.cause(lens),
        output_field=CharField(),
    )
    found = deals.annotate(cause=cause).order_by().values_list("cause")
    rows = {cause: (n, money) for cause, n, money in found.annotate(Count("pk"), Sum("amount_base"))}
    early_count, early = rows.pop(EARLY, none)
    proven_count, proven = rows.pop("", none)
    parts = [Cause(key, str(words), *rows[key]) for key, words in causes.WORDS.items() if key in rows]
    parts.sort(key=lambda part: -part.money)
    return Headline(
        count=proven_count + sum(part.count for part in parts),
        proven_count=proven_count,
        proven=proven,
        claimed=sum((part.money for part in parts), Decimal(0)),
        causes=parts,
        prospecting_count=early_count,
        prospecting=early,
        chart=_chart(proven, parts, lens.currency),
    )


def _chart(proven, parts, currency):
    drawn = [Part("on", proven, _("proven"))] + [Part("cl", part.money, part.words) for part in parts]
    return stacked(drawn, currency, height=12, css="bgc")


def table(data):
    rows = [(_("Proven"), "", data.proven_count, data.proven)]
    rows += [(_("Claimed"), part.words, part.count, part.money) for part in data.causes]
    return Table(_("Proven and claimed"), (_("Pipeline"), _("Cause"), _("Deals"), _("Money")), rows)


def _open_deals(lens, arg):
    """'proven', 'claimed', a cause, or everything."""
    deals = lens.open().annotate(cause=causes.cause(lens))
    if arg == "proven":
        return deals.filter(is_proven=True)
    if arg == "claimed":
        return deals.filter(is_proven=False)
    return deals.filter(cause=arg, is_proven=False) if arg in causes.WORDS else deals


def _early(lens, _arg):
    return lens.deals().filter(Q(status=Status.OPEN, counts_as_pipeline=False))


def title(data, currency):
    """The sentence the page begins with."""
    return _("%(proven)s proven, of %(whole)s in the pipeline") % {
        "proven": formats.money_short(data.proven, currency),
        "whole": formats.money_short(data.whole, currency),
    }


_WORDS = {"proven": gettext_lazy("proven"), "claimed": gettext_lazy("claimed"), **causes.WORDS}

PANEL = Panel(
    key="pipeline",
    title=gettext_lazy("Proven and claimed"),
    of=of,
    template="insights/panels/headline.html",
    width=12,
    table=table,
    behind={
        "open": Behind(gettext_lazy("Open deals"), _open_deals, named=named.words(_WORDS), days=as_of_now),
        "early": Behind(gettext_lazy("Too early to count as pipeline"), _early, days=as_of_now),
    },
    defines=("proven", "claimed", "pipeline_value"),
)
