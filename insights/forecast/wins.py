"""What was won on which day, as the ledger says: by the row of a win that still stands."""

from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Sum
from django.db.models.functions import TruncMonth

from deals.models import Kind, Status, Transition

_KINDS = [Kind.WIN, Kind.IMPORT]


def standing(rows):
    """Of ledger rows those by which a deal was won, each deal once: its last win, and only while it is won."""
    later = Transition.objects.filter(
        deal=OuterRef("deal"), seq__gt=OuterRef("seq"), kind__in=_KINDS, to_status=Status.WON
    )
    won = rows.filter(kind__in=_KINDS, to_status=Status.WON, deal__status=Status.WON)
    return won.exclude(Exists(later))


def deals(lens):
    """The deals of the lens that were won on its days, by the date of the signature."""
    rows = standing(lens.rows(*_KINDS))
    return lens.deals().filter(status=Status.WON, pk__in=rows.values("deal_id"))


def by(lens, *columns):
    """{(values of those columns of the deal): money} won on the days of the lens. One statement."""
    found = deals(lens).order_by().values_list(*columns).annotate(money=Sum("amount_base"))
    return {tuple(keys): money for *keys, money in found}


def by_month(lens):
    """{first day of a month: money} won on the days of the lens. One statement."""
    zone = ZoneInfo(lens.organisation.time_zone)
    found = (
        standing(lens.rows(*_KINDS))
        .annotate(month=TruncMonth("happened_at", tzinfo=zone))
        .values_list("month")
    )
    return {month.date(): money for month, money in found.annotate(money=Sum("deal__amount_base"))}
