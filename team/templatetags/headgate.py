"""Tags every page may use: {% load headgate %}."""

import re
from functools import lru_cache

from django import template
from django.conf import settings
from django.forms import CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lucide import _render_icon

from team import formats, toasts

register = template.Library()

for name in ("money", "money_short", "day", "day_short", "day_near", "moment", "days", "initials"):
    register.filter(name, getattr(formats, name))
register.filter("undo", toasts.undo_of)

# What a thing is called here, and the drawing Lucide has for it. Other Lucide names work as they are.
ICONS = {
    "today": "calendar-check", "board": "columns-3", "deals": "list", "process": "signpost",
    "dash": "chart-no-axes-column", "find": "search", "move": "arrow-left-right", "warn": "triangle-alert",
    "meet": "users", "doc": "file-text", "arrow": "arrow-right", "sun": "sun-moon",
    "snooze": "alarm-clock-minus", "note": "pencil", "bot": "zap", "gate": "git-commit-horizontal",
    "print": "printer", "filter": "list-filter", "undo": "undo-2", "person": "user-plus", "wifi": "wifi-off",
    "up": "upload", "down": "chevron-down", "hand": "handshake", "chev": "chevron-right",
    "aup": "arrow-up", "adown": "arrow-down", "renew": "refresh-cw", "expand": "chevrons-right",
    "admin": "settings", "import": "upload", "leave": "log-out", "company": "building-2",
}  # fmt: skip


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name, css=""):
    """{% icon "phone" "s" %}: a drawing for the eye only; colour and stroke come from the stylesheet."""
    drawing = re.sub(r"<svg[^>]*>|</svg>|\n *", "", _render_icon(ICONS.get(name, str(name)), None))
    classes = f"i {css}".strip()
    return mark_safe(f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true">{drawing}</svg>')


@register.simple_tag
def avatar(person, css="", hidden=False):
    """{% avatar user "l" %}: initials with the name as their text; hidden where the name stands beside it."""
    voice = mark_safe('aria-hidden="true"') if hidden else format_html('role="img" aria-label="{}"', person)
    classes = f"av {css}".strip()
    return format_html(
        '<span class="{}" {} title="{}">{}</span>', classes, voice, person, formats.initials(person)
    )


@register.simple_tag
def pips(held, claimed, total, label="", css="pips"):
    """{% pips 2 1 4 %}: confirmed solid, claimed hatched, open hollow. css="barz" for the stage path."""
    held, claimed, total = held or 0, claimed or 0, total or 0
    marks = ["on"] * held + ["ex"] * claimed + [""] * (total - held - claimed)
    drawn = format_html_join("", "{}", ((_pip(mark),) for mark in marks))
    words = label or _criteria_in_words(held, claimed, total)
    return format_html('<span class="{}" role="img" aria-label="{}">{}</span>', css, words, drawn)


def _pip(mark):
    return mark_safe(f'<i class="{mark}"></i>' if mark else "<i></i>")


def _criteria_in_words(held, claimed, total):
    words = _("%(held)s of %(total)s exit criteria confirmed") % {"held": held, "total": total}
    return words + (_(", %(claimed)s claimed") % {"claimed": claimed} if claimed else "")


@register.simple_tag
def proven_bar(proven, claimed, currency="", css="", height=6):
    """{% proven_bar 655000 235000 "EUR" %}: solid is proven money, hatched is claimed money."""
    total = (proven or 0) + (claimed or 0)
    if not total:
        return two_part_bar(1, "idle", "none", _("No money here"), css, height)
    words = _("%(proven)s proven, %(claimed)s claimed") % {
        "proven": formats.money_short(proven or 0, currency),
        "claimed": formats.money_short(claimed or 0, currency),
    }
    return two_part_bar((proven or 0) / total, "on", "cl", words, css, height)


@register.simple_tag
def fuse(gone, whole, label="", tone="warn"):
    """{% fuse 8 14 "8 of 14 days silent" %}: how much of a wait is over; tones warn, risk, idle."""
    share = min(1, max(0, gone / whole)) if whole else 1
    return two_part_bar(share, tone, "sunk", label or f"{gone} / {whole}", "rnd", 5)


def two_part_bar(share, first, second, label, css="", height=6):
    """An SVG whose widths are attributes, since the policy allows no style attribute."""
    cut = f"{float(share) * 100:.2f}%"
    rest = f"{100 - float(share) * 100:.2f}%"
    parts = [("0", cut, first)] * (share > 0) + [(cut, rest, second)] * (share < 1)
    drawn = format_html_join(
        "", '<rect class="b-{}" x="{}" width="{}" height="{}"/>', ((c, x, w, height) for x, w, c in parts)
    )
    gap = '<line class="gap" x1="{0}" x2="{0}" y2="{1}"/>' if 0 < share < 1 else ""
    return format_html(
        '<svg class="{}" width="100%" height="{}" role="img" aria-label="{}">{}{}</svg>',
        f"hb {css}".strip(), height, label, drawn, format_html(gap, cut, height) if gap else "",
    )  # fmt: skip


@register.inclusion_tag("parts/field.html")
def field(bound, label="", hint="", css="", **attrs):
    """{% field form.name inputmode="decimal" %}: label, input, help and errors, tied together."""
    kind = _kind(bound.field.widget)
    if kind == "input":
        attrs["class"] = f"in {css}".strip()
    return {
        "field": bound, "kind": kind, "label": label or bound.label, "hint": hint or bound.help_text,
        "input": bound if kind == "choices" else bound.as_widget(attrs=attrs),
        "showed": bound.as_hidden(only_initial=True) if bound.field.show_hidden_initial else "",
    }  # fmt: skip


def _kind(widget):
    if isinstance(widget, CheckboxInput):
        return "check"
    return "choices" if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)) else "input"


PAGES = [
    ("today", gettext_lazy("Today"), "today"),
    ("board", gettext_lazy("Pipeline"), "board"),
    ("deals", gettext_lazy("Deals"), "deals"),
    ("process", gettext_lazy("Process"), "process"),
    ("dashboard", gettext_lazy("Dashboard"), "dash"),
]
# Pages whose address does not say which page of the bar they belong to.
BELOW = {"audit": "dashboard"}
MANAGER_PAGES = [("import", gettext_lazy("Import"), "import")]
ADMIN_PAGES = [("admin:index", gettext_lazy("Admin"), "admin")]


@register.simple_tag(takes_context=True)
def nav_items(context):
    """The pages of the top bar that exist and that this user may open."""
    user = context["user"]
    more = MANAGER_PAGES * user.is_manager + ADMIN_PAGES * user.is_admin
    links = _links(PAGES, "") + _links(more, "desk")
    return _mark_current(links, context["request"].path)


def _links(pages, css):
    return [
        {"url": url, "label": label, "icon": drawing, "css": css}
        for name, label, drawing in pages
        if (url := address(name))
    ]


def _mark_current(links, path):
    """The link with the longest address that the path starts with."""
    above = (address(to) for name, to in BELOW.items() if (own := address(name)) and path.startswith(own))
    path = next(above, path)
    inside = [link for link in links if path.startswith(link["url"])]
    current = max(inside, key=lambda link: len(link["url"]), default=None)
    return [{**link, "current": link is current} for link in links]


@register.simple_tag
def address(name, *args):
    """{% address "find" as find_url %}: the URL of that name, or nothing where there is no such page."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag
def demo_logins():
    """Logins to print on the sign-in page: only in demo mode, which no production runs in."""
    if settings.MODE != "demo":
        return None
    people = [_("Rep"), _("Manager"), _("Admin")]
    mails = [f"{level}@demo.example" for level in ("rep", "manager", "admin")]
    return {"people": list(zip(people, mails, strict=True)), "password": "headgate-demo"}
