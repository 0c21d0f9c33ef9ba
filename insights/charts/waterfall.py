"""A bridge from one sum to another in steps. Where everything happens near the top, the axis is broken and says so."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join

FOOT, TOP, BAR = 112, 24, 52


@dataclass(frozen=True)
class Bar:
    """From one level to another. `total` bars stand on the axis. `foot` is a second, smaller line of the label."""

    label: str
    value: str
    start: Decimal
    end: Decimal
    look: str
    href: str
    foot: str = ""
    total: bool = False


@dataclass(frozen=True)
class Axis:
    """Where it begins and how high it goes; `base` is zero where it is not broken."""

    base: Decimal
    top: Decimal
    step: Decimal

    @classmethod
    def of(cls, bars):
        levels = [level for bar in bars for level in ((bar.end,) if bar.total else (bar.start, bar.end))]
        low, high = min(levels), max(levels)
        step = nice((high - low) / 2 if high > low else high / 2 or Decimal(1))
        base = ((low - step * Decimal("0.6")) / step).to_integral_value(rounding="ROUND_FLOOR") * step
        if base < high / 4:
            base, step = Decimal(0), nice(high / 3 or Decimal(1))
        return cls(base, high, step)

    def y(self, level):
        return round(FOOT - float((level - self.base) / (self.top - self.base or 1)) * (FOOT - TOP), 1)

    def lines(self):
        level = self.base + self.step
        while level <= self.top:
            yield self.y(level)
            level += self.step


def nice(number):
    """The nearest of 1, 2 and 5 times a power of ten from above."""
    power = Decimal(10) ** number.adjusted()
    return next(times * power for times in (1, 2, 5, 10) if times * power >= number)


def waterfall(bars, label):
    """(SVG, the level the axis begins at). Each step is a link to what stands behind it."""
    axis, pitch = Axis.of(bars), max(800 / len(bars), 86)
    places = [round(pitch * (number + 0.5), 1) for number in range(len(bars))]
    svg = format_html(
        '<svg class="wf" viewBox="0 0 {0} 148" width="100%" role="group" aria-label="{1}">{2}{3}{4}'
        '<line class="ax" x1="0" x2="{0}" y1="{5}" y2="{5}"/></svg>',
        round(pitch * len(bars)), label,
        format_html_join("", '<line class="gl" x1="0" x2="{0}" y1="{1}" y2="{1}"/>', _lines(axis, pitch * len(bars))),
        format_html_join("", '<line class="cn" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>', _links(bars, places, axis)),
        format_html_join("", "{}", ((_drawn(bar, x, axis),) for bar, x in zip(bars, places, strict=True))),
        FOOT,
    )  # fmt: skip
    return svg, axis.base


def _lines(axis, width):
    return ((round(width), y) for y in axis.lines())


def _links(bars, places, axis):
    for bar, x, after in zip(bars, places, places[1:], strict=False):
        yield x + BAR / 2, after - BAR / 2, axis.y(bar.end)


def _drawn(bar, x, axis):
    ends = (FOOT, axis.y(bar.end)) if bar.total else (axis.y(bar.start), axis.y(bar.end))
    top, height = min(ends), max(abs(ends[0] - ends[1]), 1.5)
    texts = [("ink", top - 7, bar.value), ("", 129, bar.label), ("lt", 144, bar.foot)]
    return format_html(
        '<a href="{}"><rect class="b-{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"/>{}{}</a>',
        bar.href, bar.look, round(x - BAR / 2, 1), top, BAR, round(height, 1),
        _broken(x) if bar.total and axis.base else "",
        format_html_join(
            "", '<text class="{}" x="{}" y="{}" text-anchor="middle">{}</text>',
            ((css, x, round(y, 1), words) for css, y, words in texts if words),
        ),
    )  # fmt: skip


def _broken(x):
    """A white zigzag through the foot of a bar that does not begin at zero."""
    left = round(x - BAR / 2 - 2, 1)
    return format_html('<path class="brk" d="M{} 100l14 4l14 -4l14 4l14 -4"/>', left)
