"""A bar of parts. Widths are attributes: the policy allows no style."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from team import formats


@dataclass(frozen=True)
class Part:
    """`look`: on (solid), cl (hatched), won, gap, idle, bar, warn; see .b-* of the stylesheet."""

    look: str
    amount: Decimal
    words: str


def stacked(parts, currency, *, height=12, css="", label=""):
    """An SVG of the parts side by side, as wide as there is room; its label says them all."""
    parts = [part for part in parts if part.amount > 0]
    whole = sum((part.amount for part in parts), Decimal(0))
    said = label or "; ".join(f"{part.words} {formats.money_short(part.amount, currency)}" for part in parts)
    return format_html(
        '<svg class="{}" width="100%" height="{}" role="img" aria-label="{}">{}{}</svg>',
        f"hb {css}".strip(), height, said or _("Nothing here"),
        format_html_join("", '<rect class="b-{}" x="{}" width="{}" height="{}"/>', _rects(parts, whole, height)),
        format_html_join("", '<line class="gap" x1="{0}" x2="{0}" y2="{1}"/>', _gaps(parts, whole, height)),
    )  # fmt: skip


def _rects(parts, whole, height):
    at = Decimal(0)
    for part in parts:
        yield part.look, percent(at, whole), percent(part.amount, whole), height
        at += part.amount


def _gaps(parts, whole, height):
    at = Decimal(0)
    for part in parts[:-1]:
        at += part.amount
        yield percent(at, whole), height


def percent(part, whole):
    """'12.34%' of a width."""
    return f"{100 * float(part) / float(whole):.2f}%" if whole else "0%"
