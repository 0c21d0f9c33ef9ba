"""What was won on which day, as the ledger says: by the row of a win that still stands."""

from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Sum
from django.db.models.functions import TruncMonth

from deals.models import Kind, Status, Transition

from .. import periods

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


def by_month(lens, months):
    """{first day of a month: money} won in each of these months. One statement, none of what was counted before."""
    return {month: sum(of.values(), Decimal(0)) for month, of in _counted(lens, months).items()}


def by_seller(lens, months):
    """{(team, owner): money} won in these months together, by whose deals they are."""
    found = {}
    for of in _counted(lens, months).values():
        for seller, money in of.items():
            found[seller] = found.get(seller, Decimal(0)) + money
    return found


def _counted(lens, months):
    """{first day of a month: {(team, owner): money}}; a page asks for each month once, whatever its period is."""
    missing = [month for month in months if month not in lens.months]
    if missing:
        lens.months.update({month: {} for month in missing})
        over = lens.over(missing[0], periods.last_of("month", missing[-1]))
        for month, team, owner, money in _won_on(over):
            if month.date() in missing:
                lens.months[month.date()][team, owner] = money
    return {month: lens.months[month] for month in months}


def _won_on(lens):
    zone = ZoneInfo(lens.organisation.time_zone)
    rows = standing(lens.rows(*_KINDS)).annotate(month=TruncMonth("happened_at", tzinfo=zone))
    rows = rows.values_list("month", "deal__team", "deal__owner")
    return rows.annotate(money=Sum("deal__amount_base"))
