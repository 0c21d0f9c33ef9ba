"""A short bar of a share. Widths are attributes: the policy allows no style."""

from django.utils.html import format_html
from django.utils.translation import gettext as _


def bar(percent, *, low=None):
    """An SVG as wide as there is room, or nothing for no share; below `low` in the colour of a warning."""
    if percent is None:
        return ""
    look = "b-warn" if low is not None and percent < low else "b-on"
    return format_html(
        '<svg class="hb" width="100%" height="6" role="img" aria-label="{0}">'
        '<rect class="b-sunk" width="100%" height="6"/><rect class="{1}" width="{2}%" height="6"/></svg>',
        _("%d percent") % percent, look, percent,
    )  # fmt: skip
