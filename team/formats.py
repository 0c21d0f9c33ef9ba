"""How money, dates and names are written, in templates, mails and reports alike."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
STEPS = [(Decimal(10) ** zeros, letter) for zeros, letter in ((0, ""), (3, "k"), (6, "M"), (9, "B"))]


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
        share = amount / unit
        if abs(_rounded(share, 0)) < 1000 or letter == "B":
            return _signed(f"{_brief(share, letter):f}{letter}", currency)


def _brief(share, letter):
    """No decimals below a thousand; then one below ten thousand; in millions two, one from ten on."""
    digits = (abs(share) < 10) + (letter in "MB") if letter else 0
    share = _rounded(share, digits)
    return share.normalize() if share % 1 else _rounded(share, 0)


def _rounded(number, digits):
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


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


def day_near(value):
    """'Thu 19' in this month, '26 Oct' before and after: what fits beside a row."""
    value = _local(value)
    today = timezone.localdate()
    return (
        date_format(value, "D j")
        if (value.year, value.month) == (today.year, today.month)
        else day_short(value)
    )


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
