"""How money, dates and names are written, in templates, mails and reports alike."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
STEPS = [(Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k")]


def _signed(number, currency):
    """'€86,000', 'CHF 86,000', '−€500': the currency before the number, its code where it has no symbol."""
    sign = "−" if number.startswith("-") else ""
    unit = SYMBOLS.get(currency) or (f"{currency} " if currency else "")
    return f"{sign}{unit}{number.lstrip('-')}"


def _amount(value):
    if value is None or value == "":
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


def money(value, currency=""):
    """'€86,000'; cents only where there are some; nothing for no amount."""
    amount = _amount(value)
    if amount is None:
        return ""
    digits = 0 if amount == amount.to_integral_value() else 2
    return _signed(f"{amount:,.{digits}f}", currency)


def money_short(value, currency=""):
    """'€86k', '€1.44M': what fits on a card and under a column's name."""
    amount = _amount(value)
    if amount is None:
        return ""
    for unit, letter in STEPS:
        if abs(_rounded(amount, unit)) >= 1:
            return _signed(f"{_rounded(amount, unit):f}{letter}", currency)
    return _signed(f"{amount.quantize(Decimal(1), ROUND_HALF_UP):f}", currency)


def _rounded(amount, unit):
    """In thousands one decimal below ten and none above; in millions two, one from ten on."""
    share = amount / unit
    digits = (1 if abs(share) < 10 else 0) + (1 if unit > 1000 else 0)
    # .99995 million must round up to 1 before the unit is chosen, so that nothing is written as 1000k.
    share = share.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return share.normalize() if share % 1 else share.quantize(Decimal(1))


def _local(value):
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def _with_year(value, pattern):
    return pattern if value.year == timezone.localdate().year else f"{pattern} Y"


def day(value):
    """'Mon 30 Nov'; with the year when it is not this one."""
    value = _local(value)
    return date_format(value, _with_year(value, "D j M")) if value else ""


def day_short(value):
    """'30 Nov', '15 Jan 2027'."""
    value = _local(value)
    return date_format(value, _with_year(value, "j M")) if value else ""


def moment(value):
    """'today, 15:20', 'yesterday, 15:20', 'Tue 24 Nov, 15:20'."""
    if not value:
        return ""
    value = _local(value)
    back = (timezone.localdate() - value.date()).days
    name = {0: _("today"), 1: _("yesterday")}.get(back) or day(value)
    return f"{name}, {date_format(value, 'H:i')}"


def days(count):
    """'1 day', '9 days'."""
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def initials(name):
    """First letters of the first and the last word: 'Mara Kessel' is MK."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    return "".join(word[0] for word in dict.fromkeys(words[:1] + words[-1:])).upper()
