"""The page of one stage of a process: what it is for, what it asks, what stands in it and what happened in it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from deals.overview import stage_numbers
from pipeline.models import Pipeline
from pipeline.reading_guide import journey
from pipeline.sheet import Sheet
from team.models import Organisation

from . import stage_figures


@login_required
@require_safe
def stage(request, slug, stage_slug):
    """One stage of what is in force."""
    known = Pipeline.objects.select_related("version__published_by", "process_owner")
    pipeline = get_object_or_404(known, slug=slug, version__isnull=False)
    sheet = Sheet(pipeline)
    row = next((row for row in sheet.rows if row.stage.slug == stage_slug), None)
    if row is None:
        raise Http404
    now = timezone.now()
    context = {
        "pipeline": pipeline, "sheet": sheet, "row": row, "stage": row.stage,
        "numbers": stage_numbers.of(request.user, sheet.process, row.stage, now),
        "figures": stage_figures.of(request.user, pipeline, row.stage, now),
        "journey": journey(pipeline, sheet.process.stages), "organisation": Organisation.current(),
    }  # fmt: skip
    return render(request, "insights/process_stage.html", context | _neighbours(sheet.rows, row))


def _neighbours(rows, row):
    at = rows.index(row)
    return {
        "previous": rows[at - 1].stage if at else None,
        "following": rows[at + 1].stage if at + 1 < len(rows) else None,
    }
