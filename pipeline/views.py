from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from .models import Pipeline
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
    context |= {"sheet": Sheet(pipeline), "versions": pipeline.versions.select_related("published_by")}
    return render(request, "pipeline/process.html", context)
