"""The dashboard: panels over one lens, the deals behind each number, and each panel as a sheet."""

from decimal import Decimal
from functools import partial

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from team.csv_files import csv_response, csv_stream

from . import choices, parts, registry, shared
from .lens import Lens
from .panels import WEIGHTED, headline

PAGE = 50
SHEET_HEAD = (
    gettext_lazy("Deal"), gettext_lazy("Company"), gettext_lazy("Stage"), gettext_lazy("Status"), gettext_lazy("Owner"),
    gettext_lazy("Expected close"), gettext_lazy("Next step on"), gettext_lazy("Next step"), gettext_lazy("Amount"),
)  # fmt: skip


@require_safe
def dashboard(request):
    """Every panel this person may see, over the lens of the address."""
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    known = shared.counted(lens, partial(registry.counted_for_all, lens), request.headers.get("Since", ""))
    shown = registry.with_personal(known.panels, lens)
    head = next(item["data"] for item in shown if item["panel"] is headline.PANEL)
    context = {
        "lens": lens, "shown": shown, "head": head, "title": headline.title(head, lens.currency),
        "filters": choices.of(lens), "version": known.version, "every": known.every,
    }  # fmt: skip
    return render(request, "insights/dashboard.html", context)


@require_safe
def changes(request):
    """204 while nothing the page shows has changed, else 200 and the page asks for itself anew."""
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    same = shared.is_same(lens, request.GET.get("since", ""))
    return HttpResponse(status=204 if same else 200)


@require_safe
def deals_behind(request):
    """The deals behind one number: `of` names the panel and the set, `arg` the part of it."""
    lens, behind, found = _listed(request)
    counted, now = parts.counted(found, behind.measure), request.GET.get("now")
    shown = [counted[now]] if now in counted else counted.values() if now not in parts.WORDS else []
    context = {
        "lens": lens, "behind": behind, "words": behind.named(lens, _arg(request)), "now": now,
        "page": Paginator(parts.narrowed(found, now), PAGE).get_page(request.GET.get("page")),
        "money": sum((money for _count, money in shown), Decimal(0)),
        "all": sum(count for count, _money in counted.values()),
        "parts": [(part, parts.WORDS[part], count) for part, (count, _money) in counted.items()],
        "narrowed": [*choices.period(lens, behind.days(lens)), *choices.chosen(lens)],
    }  # fmt: skip
    return render(request, "insights/behind.html", context)


@require_safe
def deals_behind_csv(request):
    """The same deals without pages; money in the organisation's currency."""
    lens, behind, found = _listed(request)
    head, columns = [*map(str, SHEET_HEAD)], ["amount_base"]
    if behind.measure != "amount_base":
        head.append(_("Weighted") if behind.measure == WEIGHTED else _("Change"))
        columns.append(behind.measure)
    rows = (
        [deal.name, deal.company.name, deal.stage.name, deal.get_status_display(), deal.owner.name, deal.expected_close,
         deal.next_step_on, deal.next_step, *(getattr(deal, column) for column in columns)]
        for deal in parts.narrowed(found, request.GET.get("now")).iterator()
    )  # fmt: skip
    return csv_stream(f"deals-{lens.start}-{lens.end}", head, rows)


def _listed(request):
    """(lens, Behind, its deals, the largest first) of an address."""
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    behind = _behind(request)
    found = behind.deals(lens, _arg(request))
    return lens, behind, found.select_related("company", "stage", "owner").order_by("-amount_base", "pk")


def _arg(request):
    """As long as the longest name of a part."""
    return request.GET.get("arg", "")[:300]


def _behind(request):
    key, _point, name = (request.GET.get("of") or "pipeline.open").partition(".")
    panel = registry.by_key(key, request.user)
    if panel is None or name not in panel.behind:
        raise Http404
    return panel.behind[name]


@require_safe
def panel_csv(request, panel):
    """A panel's figures as a sheet."""
    chosen = registry.by_key(panel, request.user)
    if chosen is None or chosen.table is None:
        raise Http404
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    found = chosen.table(chosen.of(lens))
    return csv_response(f"{panel}-{lens.start}-{lens.end}", found.head, found.rows)
