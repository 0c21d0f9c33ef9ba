"""Pages about a process that need its deals: how healthy it is, and that somebody has looked."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pipeline import reviews
from pipeline.linting import layers_of, lint, lint_published, of_draft, of_published
from pipeline.models import Pipeline
from team.calendar import local_date
from team.models import Organisation
from team.toasts import toast

from ..publishing import process_health


@login_required
@require_safe
def health(request, slug):
    """Which layer is undefined, what the linter says, what the deals say, and when somebody looks again."""
    pipeline = get_object_or_404(_pipelines(), slug=slug)
    in_force = pipeline.version_id is not None
    subject = of_published(pipeline) if in_force else of_draft(pipeline)
    now, due = timezone.now(), reviews.due_on(pipeline)
    context = {
        "pipeline": pipeline,
        "layers": layers_of(subject),
        "findings": lint_published(pipeline) if in_force else lint(pipeline),
        "from_deals": process_health.findings(pipeline, now) if in_force else [],
        "due": due,
        "is_due": due is not None and due <= local_date(now, Organisation.current()),
        "stages": [step.stage for step in subject.steps],
        "may_review": in_force and reviews.may_review(request.user, pipeline),
    }
    return render(request, "deals/process_health.html", context)


@login_required
@require_POST
def reviewed(request, slug):
    """The process owner or an admin has looked."""
    pipeline = get_object_or_404(_pipelines(), slug=slug, version__isnull=False)
    if not reviews.may_review(request.user, pipeline):
        raise PermissionDenied(_("The process owner or an admin marks a process as reviewed."))
    reviews.mark_reviewed(pipeline, timezone.now())
    toast(request, _("Marked as reviewed."))
    return redirect("process_health", slug)


def _pipelines():
    return Pipeline.objects.select_related("version__published_by", "process_owner")
