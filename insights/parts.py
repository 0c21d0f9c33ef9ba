"""What became of the deals behind a number: counted in parts, and narrowed to one of them."""

from decimal import Decimal

from django.db.models import Case, CharField, Count, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from deals.models import LIVE

from .metrics import closing

OPEN = "open"
WORDS = {
    OPEN: _("Open"), closing.WON: _("Won"), closing.LOST: _("Lost"), closing.DISQUALIFIED: _("Disqualified"),
    closing.ARCHIVED: _("Archived"),
}  # fmt: skip
_NOW = Case(When(status__in=LIVE, then=Value(OPEN)), default=closing.ENDING, output_field=CharField())


def counted(deals, measure):
    """{part: (deals, sum of the measure)} in the order of WORDS. One statement."""
    rows = deals.order_by().annotate(now=_NOW).values_list("now")
    found = {now: figures for now, *figures in rows.annotate(Count("pk"), Sum(measure, default=Decimal(0)))}
    return {part: tuple(found[part]) for part in WORDS if part in found}


def narrowed(deals, part):
    """Those of a part; all of them where it is none."""
    return deals.annotate(now=_NOW).filter(now=part) if part in WORDS else deals
