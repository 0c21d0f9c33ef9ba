"""Two dots on a line from 0 to 100%: what was set, and what happened."""

from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _


def dots(name, set_to, real, off):
    """`set_to` and `real` per cent; `real` None: nothing has happened yet. `off`: they differ beyond chance."""
    line = mark_safe('<line class="gl" x1="0" x2="100%" y1="10" y2="10"/>')
    assumed = format_html('<circle class="c-set" cx="{}%" cy="10" r="4.5"/>', set_to)
    if real is None:
        said, between, happened = (
            _("%(name)s: set to %(set)s percent") % {"name": name, "set": set_to},
            "",
            "",
        )
    else:
        said = _("%(name)s: set to %(set)s percent, happened %(real)s percent") % {
            "name": name, "set": set_to, "real": real,
        }  # fmt: skip
        low, high = sorted([set_to, real])
        look = ("cdw", "c-obw") if off else ("cd0", "c-ob")
        between = format_html('<line class="{}" x1="{}%" x2="{}%" y1="10" y2="10"/>', look[0], low, high)
        happened = format_html('<circle class="{}" cx="{}%" cy="10" r="4"/>', look[1], real)
    return format_html(
        '<svg width="100%" height="20" role="img" aria-label="{}">{}{}{}{}</svg>',
        said,
        line,
        between,
        assumed,
        happened,
    )
