"""The versions of a process, and what any two of them differ in, for everybody who works by it."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from . import frequency
from .difference import of_versions
from .models import Pipeline


@login_required
@require_safe
def versions(request, slug):
    """Newest first; an admin goes back to an older one from here."""
    pipeline = get_object_or_404(Pipeline.objects.select_related("version"), slug=slug)
    known = list(
        pipeline.versions.select_related("published_by", "restores").defer("snapshot", "restores__snapshot")
    )
    context = {
        "pipeline": pipeline,
        "versions": known,
        "new": known[0] if known else None,
        "old": known[1] if len(known) > 1 else None,
        "often": frequency.too_often(pipeline, timezone.now()),
    }
    return render(request, "pipeline/versions.html", context)


@login_required
@require_safe
def compare(request, slug):
    """?from=2&to=4: what changed between these two; without them, what the newest one changed."""
    pipeline = get_object_or_404(Pipeline, slug=slug)
    known = list(pipeline.versions.select_related("published_by").defer("snapshot"))
    old, new = _asked(request, pipeline, known)
    context = {"pipeline": pipeline, "versions": known, "old": old, "new": new}
    if old and new:
        context["changes"] = of_versions(old, new)
    return render(request, "pipeline/compare.html", context)


def _asked(request, pipeline, known):
    numbers = [version.number for version in known]
    to = _number(request.GET.get("to"), numbers, numbers[0] if numbers else None)
    start = _number(request.GET.get("from"), numbers, to - 1 if to and to - 1 in numbers else to)
    found = {version.number: version for version in pipeline.versions.filter(number__in={start, to} - {None})}
    return found.get(start), found.get(to)


def _number(text, numbers, default):
    """A number of a version there is; anything else falls back to what one would have meant."""
    known = {str(number): number for number in numbers}
    return known.get(text, default)
