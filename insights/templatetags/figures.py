"""How the cells of a panel's table are written on pages."""

from datetime import date
from decimal import Decimal

from django import template

from team import formats

register = template.Library()


@register.filter
def figure(value):
    """'4,005,800' for money, '33,954' for another number, '23 Oct' for a day, 'Oct 2026' for a month, '' for None."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return formats.money(round(value))
    if isinstance(value, (int, float)) and abs(value) >= 1000:
        return f"{value:,.0f}"
    return formats.day_short(value) if isinstance(value, date) else getattr(value, "words", value)
