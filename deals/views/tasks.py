"""Tasks of a deal: added and done."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from team.toasts import toast

from .. import tasks
from ..edits import Unfit
from .access import editable_deal
from .deal import page_of
from .replies import go_to, in_kind


@require_POST
@in_kind
def add_task(request, pk):
    """For oneself; 422 with the deal's page, what was typed and the reason beside its field."""
    deal, user = editable_deal(request, pk), request.user
    typed = {name: request.POST.get(name, "") for name in ("title", "due_on")}
    try:
        tasks.add(deal, **typed, by=user, now=timezone.now())
    except Unfit as error:
        page = page_of(request, pk)
        context = {"deal": page.deal, "page": page, "typed": typed, "errors": error.fields}
        return render(request, "deals/deal.html", context, status=422)
    toast(request, _("Task added."))
    return back(request, deal)


@require_POST
@in_kind
def task_done(request, pk, task_id):
    """With what came of it. Done twice stays as it was the first time."""
    deal = editable_deal(request, pk)
    task = get_object_or_404(deal.tasks, pk=task_id)
    outcome = request.POST.get("outcome", "")
    try:
        if tasks.finish(task, outcome=outcome, now=timezone.now()):
            toast(request, _("Done: %s") % task.title)
    except Unfit as error:
        page = page_of(request, pk)
        context = {"deal": page.deal, "page": page, "unfinished": task.pk, "problem": error.fields["outcome"]}
        return render(request, "deals/deal.html", context, status=422)
    return back(request, deal)


def back(request, deal):
    return go_to(request, f"{reverse('deal', args=[deal.pk])}#tasks")
