"""Deals that were lost: what was learnt from them, and which of them should have been won."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.models import LossReview, Status

from ..panels import Behind, Panel, Table

MOST = 20


@dataclass(frozen=True)
class Losses:
    lost: int
    reviewed: int
    should: int
    money: Decimal
    # The newest reviews of deals that should have been won.
    reviews: list


def of(lens):
    """Two statements: counts, and the list."""
    deals = _lost(lens)
    should = Q(loss_review__should_have_won=True)
    counts = deals.order_by().aggregate(
        lost=Count("pk"),
        reviewed=Count("loss_review"),
        should=Count("pk", filter=should),
        money=Sum("amount_base", filter=should, default=Decimal(0)),
    )
    return Losses(**counts, reviews=_reviews(deals))


def _lost(lens):
    """Deals lost or archived in the period."""
    return lens.deals().filter(
        status__in=[Status.LOST, Status.ARCHIVED], closed_at__gte=lens.since, closed_at__lt=lens.until
    )


def _reviews(deals):
    found = LossReview.objects.filter(should_have_won=True, deal__in=deals.order_by().values("pk"))
    found = found.select_related("deal__company", "deal__owner", "deal__stage", "deal__loss_reason", "by")
    return list(found.order_by("-deal__closed_at", "-pk")[:MOST])


def table(data):
    head = (_("Deal"), _("Company"), _("Owner"), _("Money"), _("Stage"), _("Reason"), _("What happened"),
            _("What we do otherwise"))  # fmt: skip
    rows = [
        (review.deal.name, review.deal.company.name, review.deal.owner.name, review.deal.amount_base,
         review.deal.stage.name, str(review.deal.loss_reason or ""), review.happened, review.change)
        for review in data.reviews
    ]  # fmt: skip
    return Table(_("Deals we should have won"), head, rows)


def _deals(lens, arg):
    """'should', 'reviewed', 'unreviewed', or all that were lost."""
    deals = _lost(lens)
    if arg == "should":
        return deals.filter(loss_review__should_have_won=True)
    if arg in ("reviewed", "unreviewed"):
        return deals.filter(loss_review__isnull=arg == "unreviewed")
    return deals


PANEL = Panel(
    key="should-have-won",
    title=gettext_lazy("Deals we should have won"),
    of=of,
    template="insights/learning/losses.html",
    width=12,
    table=table,
    behind={"lost": Behind(gettext_lazy("Deals lost or archived"), _deals)},
    defines=("should_have_won",),
)
