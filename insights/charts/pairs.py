"""Two bars for each month: what was forecast, what was won."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from team import formats

WIDTH, HEIGHT, FLOOR, TOP, BAR = 660, 192, 152, 22, 42


@dataclass(frozen=True)
class Pair:
    label: str
    forecast: Decimal | None
    actual: Decimal | None
    # Under the label: how accurate it was; `low` where that is below the line.
    note: str = ""
    low: bool = False


def pairs(found, currency):
    """An SVG that grows with its panel; what it shows is said in its label as well."""
    most = max(
        [value for pair in found for value in (pair.forecast, pair.actual) if value], default=Decimal(1)
    )
    step, scale = WIDTH / max(len(found), 1), (FLOOR - TOP) / float(most)
    bars, texts = [], []
    for number, pair in enumerate(found):
        middle = step * (number + 0.5)
        for look, css, at, value in (
            ("off", "fcv", middle - BAR - 2, pair.forecast), ("won", "ink", middle + 2, pair.actual)
        ):  # fmt: skip
            if value is not None:
                height = max(float(value) * scale, 1)
                bars.append((look, f"{at:.1f}", f"{FLOOR - height:.1f}", BAR, f"{height:.1f}"))
                short = formats.money_short(value, currency)
                texts.append((css, f"{at + BAR / 2:.1f}", f"{FLOOR - height - 6:.1f}", short))
        texts.append(("", f"{middle:.1f}", FLOOR + 17, pair.label))
        if pair.note:
            texts.append(("lo" if pair.low else "fcv", f"{middle:.1f}", FLOOR + 34, pair.note))
    return format_html(
        '<svg class="fc" viewBox="0 0 {} {}" width="100%" role="img" aria-label="{}">{}{}{}</svg>',
        WIDTH, HEIGHT, _said(found, currency),
        format_html('<line class="ax" x1="0" x2="{0}" y1="{1}" y2="{1}"/>', WIDTH, FLOOR),
        format_html_join("", '<rect class="b-{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>', bars),
        format_html_join("", '<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text>', texts),
    )  # fmt: skip


def _said(found, currency):
    parts = []
    for pair in found:
        said = [pair.label]
        if pair.forecast is not None:
            said.append(_("forecast %s") % formats.money_short(pair.forecast, currency))
        if pair.actual is not None:
            said.append(_("won %s") % formats.money_short(pair.actual, currency))
        parts.append(", ".join([*said, pair.note] if pair.note else said))
    return "; ".join(parts)
