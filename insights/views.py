"""The dashboard: panels over one lens, the deals behind each number, and each panel as a sheet."""

from decimal import Decimal

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from team.csv_files import csv_response

from . import choices, freshness, registry
from .lens import Lens
from .panels import headline

PAGE = 50


@require_safe
def dashboard(request):
    """Every panel this person may see, over the lens of the address."""
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    shown = [registry.counted(panel, lens) for panel in registry.shown_to(request.user)]
    head = next(item["data"] for item in shown if item["panel"] is headline.PANEL)
    context = {
        "lens": lens, "shown": shown, "head": head, "title": headline.title(head, lens.currency),
        "filters": choices.of(lens), "version": freshness.version(lens),
    }  # fmt: skip
    return render(request, "insights/dashboard.html", context)


@require_safe
def changes(request):
    """204 while nothing the page shows has changed, else 200 and the page asks for itself anew."""
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    same = request.GET.get("since") == freshness.version(lens)
    return HttpResponse(status=204 if same else 200)


@require_safe
def deals_behind(request):
    """The deals behind one number: `of` names the panel and the set, `arg` the part of it."""
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    behind = _behind(request)
    found = behind.deals(lens, request.GET.get("arg", "")[:80])
    found = found.select_related("company", "stage", "owner").order_by("-amount_base", "pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    money = found.order_by().aggregate(money=Sum(behind.measure, default=0))["money"]
    context = {"lens": lens, "behind": behind, "page": page, "money": money or Decimal(0)}
    return render(request, "insights/behind.html", context)


def _behind(request):
    key, _dot, name = (request.GET.get("of") or "pipeline.open").partition(".")
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
