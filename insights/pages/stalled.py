"""/dashboard/stalled/: live deals that stand in their stage for longer than won deals did."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from team.csv_files import csv_response, csv_stream

from .. import choices
from ..lens import Lens
from ..meanings.definitions import DEFINITIONS
from ..weekly import stalled

PAGE = 50


@require_safe
def page(request):
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    thresholds = stalled.normal(lens)
    stage_id = _stage(request, thresholds)
    found = Paginator(stalled.listed(lens, thresholds, stage_id), PAGE).get_page(request.GET.get("page"))
    found.object_list = list(stalled.with_days(found.object_list, thresholds, lens.now))
    context = {
        "lens": lens, "data": stalled.of(lens, thresholds), "page": found,
        "filters": choices.of(lens, choices.LABELS.keys() - {"period", "version"}),
        "stage": next((row.stage for row in thresholds if row.stage.stage_id == stage_id), None),
        "definition": DEFINITIONS["stalled"],
    }  # fmt: skip
    return render(request, "insights/stalled.html", context)


@require_safe
def sheet(request):
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    thresholds = stalled.normal(lens)
    found = stalled.table(lens, thresholds, _stage(request, thresholds))
    return csv_stream(f"stalled-{lens.today}", found.head, found.rows)


@require_safe
def stages_sheet(request):
    """What is normal in each stage, and what stands longer."""
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    found = stalled.by_stage(stalled.of(lens))
    return csv_response(f"normal-{lens.today}", found.head, found.rows)


@require_safe
def owners_sheet(request):
    """Whose deals stand longer."""
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    found = stalled.by_owner(stalled.of(lens))
    return csv_response(f"stalled-owners-{lens.today}", found.head, found.rows)


def _stage(request, thresholds):
    """The stage the address asks for, where it is one of these."""
    asked = request.GET.get("stage", "")
    return next((row.stage.stage_id for row in thresholds if str(row.stage.stage_id) == asked), None)
