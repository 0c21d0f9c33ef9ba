"""/dashboard/print/: the dashboard as a pack to print, every panel with its table and what its figures mean."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import choices, registry
from ..lens import Lens
from ..panels import headline


@require_safe
def page(request):
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    shown = [registry.counted(panel, lens) for panel in registry.shown_to(request.user)]
    head = next(item["data"] for item in shown if item["panel"] is headline.PANEL)
    context = {
        "lens": lens, "shown": shown, "title": headline.title(head, lens.currency), "narrowed": choices.chosen(lens),
    }  # fmt: skip
    return render(request, "insights/printed.html", context)
