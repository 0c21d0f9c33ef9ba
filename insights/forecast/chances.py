"""The forecast by history: what open deals will bring in which month, whatever dates they name."""

from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Sum
from django.db.models.functions import TruncDate

from .. import periods
from . import expected

# Months from the one under way that are looked at.
AHEAD = 4


def spread(deals, records, today, organisation, *columns):
    """{(values of the columns, first day of a month): money} over the months ahead. One statement.

    `deals` are open ones. They are taken together by stage, by the day they entered it and by the month they name.
    """
    zone = ZoneInfo(organisation.time_zone)
    found = (
        deals.annotate(entered=TruncDate("stage_entered_at", tzinfo=zone), close=expected.MONTH)
        .order_by().values_list(*columns, "stage_id", "entered", "close").annotate(money=Sum("amount_base"))
    )  # fmt: skip
    stretches = months_ahead(today)
    money_by, known = defaultdict(Decimal), {}
    for *keys, stage, entered, close, money in found.iterator():
        record = records.get(stage)
        if record is None or not money:
            continue
        age = max(0, (today - entered).days) if entered else 0
        for month, first, last in stretches:
            asked = (stage, age, month, close == month)
            if asked not in known:
                known[asked] = Decimal(str(round(record.chance(age, first, last, close == month), 6)))
            if known[asked]:
                money_by[(*keys, month)] += money * known[asked]
    return {key: expected.cents(money) for key, money in money_by.items()}


def months_ahead(today, count=AHEAD):
    """[(first day of the month, days from today to it or 0, days to its last)]"""
    return [
        (month, max(0, (month - today).days), (periods.last_of("month", month) - today).days)
        for month in periods.months(today, count)
    ]
