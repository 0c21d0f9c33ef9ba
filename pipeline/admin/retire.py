"""The page that takes a stage out of the draft, says where its deals go, or brings it back."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from team.models import Organisation

from .. import retiring
from ..drafts import Draft
from ..forms.retire import RetireForm
from ..models import Pipeline
from .saving import warn_of_open_gates


def retire_view(stage_admin, request, stage):
    """GET asks; POST changes the draft alone, its deals move when the draft is published."""
    if stage is None:
        raise Http404
    form = None if stage.retired_at else RetireForm(stage, request.POST if request.method == "POST" else None)
    if request.method == "POST" and _changed(stage_admin, request, stage, form):
        return redirect("admin:pipeline_pipeline_change", stage.pipeline_id)
    context = {
        **stage_admin.admin_site.each_context(request),
        "title": _("Bring “%s” back") % stage.name if form is None else _("Retire “%s”") % stage.name,
        "stage": stage,
        "draft": Draft(stage.pipeline),
        "currency": Organisation.current().currency,
        "form": form,
        "opts": stage_admin.opts,
    }
    status = 422 if form and form.errors else 200
    return TemplateResponse(request, "admin/pipeline/stage/retire.html", context, status=status)


@transaction.atomic
def _changed(stage_admin, request, stage, form):
    """Whether it was done; else the form says why not. Moves of its deals wait until it is."""
    Pipeline.objects.select_for_update().get(pk=stage.pipeline_id)
    if form is None:
        retiring.bring_back(stage)
        said = _("Stage “%s” is back in the draft.") % stage.name
    elif not form.is_valid():
        return False
    else:
        form.carry_out()
        said = _said(stage)
    stage_admin.log_change(request, stage, said)
    messages.success(request, said)
    warn_of_open_gates(request, stage.pipeline)
    return True


def _said(stage):
    if stage.retired_to is None:
        return _("Stage “%s” leaves the process with the next publication.") % stage.name
    words = _("Stage “%(name)s” leaves the process with the next publication; its deals go to “%(to)s”.")
    return words % {"name": stage.name, "to": stage.retired_to.name}
