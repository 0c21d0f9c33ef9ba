from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from .models import Pipeline
from .models.fields import lines
from .reading_guide import chapter_asked, chapters, journey
from .sheet import Sheet


@login_required
@require_safe
def process(request, slug=None):
    """The process as everybody obeys it now; without a slug the first one that is in use."""
    known = Pipeline.objects.select_related("version__published_by", "process_owner")
    in_use = list(known.active())
    pipeline = get_object_or_404(known, slug=slug) if slug else next(iter(in_use), None)
    context = {"pipeline": pipeline, "pipelines": in_use}
    if pipeline is None or pipeline.version is None:
        return render(request, "pipeline/no_process.html", context)
    context |= _sheet_of(pipeline) | {"versions": pipeline.versions.select_related("published_by")}
    return render(request, "pipeline/process.html", context)


def _sheet_of(pipeline):
    sheet = Sheet(pipeline)
    return {
        "sheet": sheet,
        "journey": journey(pipeline, sheet.process.stages),
        "profile": lines(pipeline.buyer_profile),
    }


@login_required
@require_safe
def read(request, slug):
    """The process for somebody new, one stage per page."""
    known = Pipeline.objects.select_related("version__published_by", "process_owner")
    pipeline = get_object_or_404(known, slug=slug, version__isnull=False)
    context = {"pipeline": pipeline, **_sheet_of(pipeline)}
    found = chapters(context["sheet"])
    chapter = chapter_asked(request.GET.get("step", ""), found)
    context |= {
        "chapters": found,
        "chapter": chapter,
        "previous": found[chapter.number - 1] if chapter.number else None,
        "following": found[chapter.number + 1] if chapter.number + 1 < len(found) else None,
    }
    return render(request, "pipeline/read.html", context)
