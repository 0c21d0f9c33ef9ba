"""The page of tasks: whose, which are late, which a rule made."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from team.calendar import local_date

from .. import tasklist
from ..today.todo import Row


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
        "rule_url": filters.address(by="" if filters.by_rule else "rule"),
    }  # fmt: skip
    return render(request, "deals/tasks.html", context)


def _labels():
    return {"open": _("To do"), "late": _("Late"), "later": _("Later"), "done": _("Done")}
