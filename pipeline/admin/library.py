"""Add criteria from the library to a stage."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..forms.library import LibraryForm
from ..library.adding import add
from ..models import Stage


def library_view(request, pk):
    """GET offers the criteria, POST makes drafts of those that are ticked."""
    if not request.user.is_admin:
        raise PermissionDenied
    stage = get_object_or_404(Stage.objects.select_related("pipeline"), pk=pk)
    form = LibraryForm(request.POST if request.method == "POST" else None, stage=stage)
    if form.is_valid():
        added = add(stage, form.documents())
        messages.success(request, _in_words(added))
        return redirect(reverse("admin:pipeline_stage_change", args=[pk]) + "#places")
    context = {
        **admin.site.each_context(request),
        "title": _("Add from the library: %s") % stage,
        "stage": stage,
        "form": form,
        "opts": Stage._meta,
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/pipeline/stage/library.html", context, status=status)


def _in_words(added):
    if not added:
        return _("This stage asks all of them already.")
    count = ngettext("%d criterion added to the draft: ", "%d criteria added to the draft: ", len(added))
    return count % len(added) + "; ".join(criterion.label for criterion in added)
