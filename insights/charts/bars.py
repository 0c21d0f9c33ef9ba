"""One bar of a list of bars, as wide as there is room."""

from django.utils.html import format_html

from .stacked import percent


def bar(part, whole, label, look="bar", rest="sunk"):
    """An SVG: `part` of `whole` in the look, what is left in the look of the rest."""
    share = percent(min(part, whole), whole)
    return format_html(
        '<svg class="hb" width="100%" height="8" role="img" aria-label="{}">'
        '<rect class="b-{}" width="100%" height="8"/><rect class="b-{}" width="{}" height="8"/></svg>',
        label, rest, look, share,
    )  # fmt: skip
