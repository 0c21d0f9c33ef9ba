"""Tasks of a deal: added and done."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from team.calendar import local_date
from team.toasts import toast

from .. import normalise, parsing
from ..models import Task
from .access import editable_deal
from .replies import go_to, in_kind


@require_POST
@in_kind
def add_task(request, pk):
    """For oneself; a task without words or with an unreadable day says so on the page."""
    deal = editable_deal(request, pk)
    try:
        title, due = readable(request.POST.get("title", ""), request.POST.get("due_on", ""))
    except ValueError as error:
        messages.error(request, str(error))
        return back(request, deal)
    now = timezone.now()
    Task.objects.create(
        deal=deal, assignee=request.user, title=title, due_on=due, created_at=now, created_by=request.user
    )
    toast(request, _("Task added."))
    return back(request, deal)


def readable(title, due):
    if flaw := normalise.flaw(title):
        raise ValueError(flaw)
    today = local_date(timezone.now())
    return normalise.clean(title)[:200], parsing.day(due, today=today) if due.strip() else today


@require_POST
@in_kind
def task_done(request, pk, task_id):
    """With what came of it. Done twice stays as it was the first time."""
    deal = editable_deal(request, pk)
    task = get_object_or_404(deal.tasks, pk=task_id)
    outcome = request.POST.get("outcome", "")
    if task.done_at is None and not normalise.has_unstorable(outcome):
        task.done_at, task.outcome = timezone.now(), normalise.clean(outcome)[:300]
        task.save(update_fields=["done_at", "outcome"])
        toast(request, _("Done: %s") % task.title)
    return back(request, deal)


def back(request, deal):
    return go_to(request, f"{reverse('deal', args=[deal.pk])}#tasks")
