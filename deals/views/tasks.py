"""Tasks of a deal: added and done."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from team.calendar import local_date
from team.toasts import toast

from .. import normalise, parsing
from ..models import Task
from .access import editable_deal
from .deal import page_of
from .replies import go_to, in_kind


@require_POST
@in_kind
def add_task(request, pk):
    """For oneself; 422 with the deal's page, what was typed and the reason beside its field."""
    deal, now, user = editable_deal(request, pk), timezone.now(), request.user
    typed = {name: request.POST.get(name, "") for name in ("title", "due_on")}
    values, errors = readable(**typed, today=local_date(now))
    if errors:
        page = page_of(request, pk)
        context = {"deal": page.deal, "page": page, "typed": typed, "errors": errors}
        return render(request, "deals/deal.html", context, status=422)
    Task.objects.create(deal=deal, assignee=user, created_by=user, created_at=now, **values)
    toast(request, _("Task added."))
    return back(request, deal)


def readable(title, due_on, today):
    """The task's columns, and what is wrong with what was typed for them."""
    values, errors = {"title": normalise.clean(title)[:200], "due_on": today}, {}
    if flaw := normalise.flaw(title):
        errors["title"] = flaw
    try:
        if due_on.strip():
            values["due_on"] = parsing.day(due_on, today=today)
    except ValueError as error:
        errors["due_on"] = str(error)
    return values, errors


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
