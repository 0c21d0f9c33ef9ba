"""What is to be done about deals."""

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query

from deals import tasks
from deals.models import Deal, Task
from deals.views.access import editable_deal

from . import bodies, paging, shapes
from .door import operation
from .lists import TaskFilters, listed


class Tasks(listed(shapes.Task)):
    """What is to be done."""


def told_tasks(user):
    rows = Task.objects.filter(deal__in=Deal.objects.visible_to(user))
    return rows.select_related("deal", "assignee", "created_by")


@operation("GET", "/tasks", Tasks, tag="Tasks")
def list_tasks(request, asked: Query[TaskFilters]):
    """Tasks of deals you may see."""
    rows = told_tasks(request.user)
    if asked.deal:
        rows = rows.filter(deal=asked.deal)
    if asked.assignee:
        rows = rows.filter(assignee=request.user.pk if asked.assignee == "me" else int(asked.assignee))
    if asked.open:
        rows = rows.filter(done_at=None, cancelled_at=None)
    return Tasks(**paging.page(rows, asked.cursor, asked.limit, shapes.Task.of))


@operation("POST", "/tasks", shapes.Task, status=201, tag="Tasks")
def create_task(request, body: bodies.NewTask):
    """A task of your own on a deal you act on."""
    deal = editable_deal(request, body.deal_id)
    due = body.due_on.isoformat() if body.due_on else ""
    made = tasks.add(deal, title=body.title, due_on=due, by=request.user, now=timezone.now())
    return shapes.Task.of(told_tasks(request.user).get(pk=made.pk))


@operation("POST", "/tasks/{int:task_id}/done", shapes.Task, tag="Tasks")
def finish_task(request, task_id: int, body: bodies.Done):
    """Say that it is done, and what came of it. Done twice, it stays as it was the first time."""
    task = get_object_or_404(told_tasks(request.user), pk=task_id)
    editable_deal(request, task.deal_id)
    tasks.finish(task, outcome=body.outcome, now=timezone.now())
    return shapes.Task.of(task)
