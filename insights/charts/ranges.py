"""The middle half of a spread as a line, its median as a mark, and what was aimed at."""

from django.utils.html import format_html

from .stacked import percent


def spread(spread, target, longest, label):
    """An SVG on an axis from nothing to `longest` days."""
    median = spread.median
    return format_html(
        '<svg width="100%" height="22" role="img" aria-label="{}"><line class="gl" x2="100%" y1="21.5" y2="21.5"/>'
        '<rect class="b-line" x="{}" y="8" width="{}" height="6" rx="3"/>'
        '<line class="tgt" x1="{}" x2="{}" y1="1" y2="22"/>'
        '<line class="med{}" x1="{}" x2="{}" y1="4" y2="18"/></svg>',
        label, percent(spread.low, longest), percent(max(spread.high - spread.low, longest / 200), longest),
        percent(target, longest), percent(target, longest),
        " over" if median > target else "", percent(median, longest), percent(median, longest),
    )  # fmt: skip
