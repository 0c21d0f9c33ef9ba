"""The page of targets: who is to win how much in which month."""

from datetime import timedelta

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from deals.moves import NotAllowed
from deals.views.replies import go_to, in_kind
from team.calendar import local_date
from team.csv_files import csv_response
from team.digits import number_in
from team.models import Organisation
from team.toasts import toast

from .. import periods
from ..forms.target_form import Sheet

SPAN = range(2000, 2101)


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def targets(request):
    """One quarter, this one unless the address names another; managers write, reps read their own."""
    sheet = _asked(request)
    if request.method == "POST":
        return _save(request, sheet)
    return _page(request, sheet)


@require_safe
def sheet(request):
    """The quarter's targets as the page's reader sees them, what is set and what follows from it told apart."""
    found = _asked(request)
    head = [_("Who"), *(f"{month:%Y-%m}" for month in found.months), _("Set")]
    rows = [
        [row.name, *(cell.sum if cell.set is None else cell.set for cell in row.cells),
         ", ".join(f"{cell.month:%Y-%m}" for cell in row.cells if cell.set is not None)]
        for row in found.rows
    ]  # fmt: skip
    return csv_response(f"targets-{_named(found.first)}", head, rows)


def _asked(request):
    return Sheet(request.user, _day(request.GET.get("quarter", "")), number_in(request.GET.get("team")))


def _save(request, sheet):
    asked = {name for name in request.POST if name.startswith("t-")}
    if not sheet.is_open or asked - sheet.names:
        raise NotAllowed(_("Targets are set by managers, for their own teams and people."))
    sheet.read(request.POST)
    if sheet.errors:
        return _page(request, sheet, 422)
    count = sheet.save()
    words = ngettext("%(n)s target changed.", "%(n)s targets changed.", count) % {"n": count}
    toast(request, words if count else _("Nothing was changed."))
    return go_to(request, f"{reverse('targets')}?{request.GET.urlencode()}".rstrip("?"))


def _page(request, sheet, status=200):
    before = sheet.first - timedelta(days=1)
    after = periods.last_of("quarter", sheet.first) + timedelta(days=1)
    context = {
        "sheet": sheet, "before": _named(before), "after": _named(after), "quarter": _said(sheet.first),
        "said_before": _said(before), "said_after": _said(after),
        "currency": Organisation.current().currency,
    }  # fmt: skip
    return render(request, "insights/targets.html", context, status=status)


def _named(day):
    """'2026-Q4', as the address says it."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _said(day):
    """'Q4 2026', as people say it."""
    return _("Q%(number)d %(year)d") % {"number": (day.month + 2) // 3, "year": day.year}


def _day(text):
    """The first day of the quarter that an address names; today where it cannot be read."""
    today = local_date(timezone.now())
    year, _q, number = text.partition("-Q")
    year = number_in(year, digits=4)
    if year in SPAN and number in ("1", "2", "3", "4"):
        return today.replace(year=year, month=3 * int(number) - 2, day=1)
    return today
