"""Going back: from the draft to what is in force, and from what is in force to an older version."""

from django.contrib import messages
from django.contrib.admin import site
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ..difference import difference
from ..drafts import Draft
from ..models import Pipeline
from ..restoring import discard, restore
from ..snapshots import snapshot


def _asked(request, pipeline, template, title, **context):
    context |= {**site.each_context(request), "title": title, "opts": Pipeline._meta, "pipeline": pipeline}
    return TemplateResponse(request, f"admin/pipeline/pipeline/{template}.html", context)


def discard_view(request, pk):
    """Ask first, showing what would be lost; nothing but the draft changes."""
    pipeline = get_object_or_404(Pipeline.objects.filter(version__isnull=False), pk=pk)
    if request.method == "POST":
        discard(pipeline)
        messages.success(request, _("The draft is as version %d again.") % pipeline.version.number)
        return redirect("admin:pipeline_pipeline_change", pk)
    title = _("Discard the draft of “%s”?") % pipeline
    return _asked(request, pipeline, "discard", title, draft=Draft(pipeline))


@transaction.atomic
def restore_view(request, pk, number):
    """An older version becomes the draft; the publish page then shows what putting it in force does."""
    pipeline = get_object_or_404(Pipeline, pk=pk)
    version = get_object_or_404(pipeline.versions, number=number)
    if request.method == "POST":
        restore(pipeline, version.snapshot)
        return redirect(f"{reverse('admin:pipeline_pipeline_publish', args=[pk])}?restores={number}")
    title = _("Go back to version %d?") % number
    changes = difference(snapshot(pipeline), version.snapshot)
    return _asked(
        request, pipeline, "restore", title, version=version, changes=changes, draft=Draft(pipeline)
    )
