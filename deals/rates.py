"""Amounts in the organisation's currency, at the rate of the day."""

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from team.calendar import local_date

from .models import ExchangeRate


class NoRate(ValueError):
    """No exchange rate is on record for the currency."""


def in_base(amount, currency, organisation, day=None):
    """The amount in the organisation's currency, at the newest rate up to `day` (today). Raises NoRate."""
    if currency == organisation.currency:
        return amount
    day = day or local_date(timezone.now(), organisation)
    rate = ExchangeRate.objects.filter(currency=currency, day__lte=day).order_by("-day").first()
    if rate is None:
        known = {"currency": currency, "base": organisation.currency}
        raise NoRate(_("No rate from %(currency)s to %(base)s is on record. An admin adds one.") % known)
    return (amount * rate.rate).quantize(Decimal("0.01"))
