"""The page of tasks: whose, which are late, which a rule made."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from team.calendar import local_date
from team.csv_files import csv_response

from ..overview import tasklist
from ..today.todo import Row

COLUMNS = ["task", "what_for", "deal", "company", "whose", "due_on", "days_late", "put_off_until", "made_by_rule",
           "done_on", "outcome"]  # fmt: skip


@require_safe
def tasks(request):
    """One's own; those of the team for who answers for it."""
    filters, today = tasklist.Filters.read(request.GET), local_date(timezone.now())
    found = tasklist.found(request.user, filters, today)
    page = Paginator(found, tasklist.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page, "rows": [Row(task.deal, today, task) for task in page], "filters": filters,
        "people": tasklist.by_person(request.user, today), "today": today,
        "tabs": [(key, label, filters.address(show=key)) for key, label in _labels().items()],
        "rule_url": filters.address(by="" if filters.by_rule else "rule"), "same": filters.address(),
    }  # fmt: skip
    return render(request, "deals/tasks.html", context)


@require_safe
def table(request):
    """The same rows, of all pages, as a table for a spreadsheet."""
    filters, now = tasklist.Filters.read(request.GET), timezone.now()
    today = local_date(now)
    tasks = tasklist.found(request.user, filters, today).select_related("deal__company")
    rows = (_cells(task, today) for task in tasks)
    return csv_response(f"tasks-{filters.show}-{today.isoformat()}", COLUMNS, rows)


def _cells(task, today):
    done = local_date(task.done_at) if task.done_at else ""
    late = "" if done else max((today - task.due_on).days, 0)
    return [
        task.title, task.purpose, task.deal.name, task.deal.company.name, task.assignee.name, task.due_on, late,
        task.snoozed_until or "", task.rule_key, done, task.outcome,
    ]  # fmt: skip


def _labels():
    return {"open": _("To do"), "late": _("Late"), "later": _("Later"), "done": _("Done")}
