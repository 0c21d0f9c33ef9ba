"""All exchange rates, read once: a file has thousands of amounts."""

from bisect import bisect_right
from decimal import ROUND_HALF_UP, Decimal

from deals.models import ExchangeRate


class Rates:
    def __init__(self, organisation):
        self.currency = organisation.currency
        self._days, self._rates = {}, {}
        for rate in ExchangeRate.objects.order_by("currency", "day"):
            self._days.setdefault(rate.currency, []).append(rate.day)
            self._rates.setdefault(rate.currency, []).append(rate.rate)

    def to_base(self, amount, currency, day):
        """In the organisation's currency at the newest rate up to the day; None where no rate is on record.

        What is older than the first rate is counted at the first rate: old deals come in with an import.
        """
        if amount is None:
            return Decimal(0)
        if currency == self.currency:
            return amount
        if currency not in self._rates:
            return None
        place = max(bisect_right(self._days[currency], day) - 1, 0)
        return (amount * self._rates[currency][place]).quantize(Decimal("0.01"), ROUND_HALF_UP)
