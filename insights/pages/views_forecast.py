"""The forecast: the months ahead, the manager's own figure beside them, and how right earlier forecasts were."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from deals.moves import NotAllowed
from deals.views.replies import go_to, in_kind
from team.csv_files import csv_response
from team.toasts import toast

from .. import choices, periods
from ..charts.columns import columns
from ..forecast import judged, outlook
from ..forms.call_form import CallForm
from ..lens import Lens
from ..meanings.definitions import DEFINITIONS
from ..models import ForecastDay
from ..panels import make_it
from . import forecast_sheets

FILTERS = ("pipeline", "team", "owner")
DEFINES = (
    "commit", "best_case", "pipeline_month", "proven_weighted", "weighted", "by_history", "call", "forecast_of_month",
    "accuracy", "lead_time",
)  # fmt: skip
LOOKED_BACK = 8
NIGHTS = 14
CALLS = 30


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def forecast(request):
    """A rep's own, a manager's as asked; a manager's word is added by POST."""
    lens = _lens(request)
    form = CallForm(request.user, lens.today)
    if request.method == "POST":
        return _say(request, lens, form)
    return _page(request, lens, form)


def _say(request, lens, form):
    if not request.user.is_manager:
        raise NotAllowed(_("A manager says what a month will bring."))
    call = form.read(request.POST)
    if call is None:
        return _page(request, lens, form, 422)
    call.by, call.at = request.user, lens.now
    call.save(force_insert=True)
    toast(request, _("Noted. It stays beside what the figures say."))
    return go_to(request, f"{reverse('forecast')}?{request.GET.urlencode()}".rstrip("?"))


@require_safe
def sheet(request, name):
    """One of the page's tables."""
    if name not in forecast_sheets.NAMES:
        raise Http404
    lens = _lens(request)
    rows = outlook.months(lens, _target_of(lens)) if name == "months" else _leads(lens)
    found = forecast_sheets.table(name, rows)
    return csv_response(f"forecast-{name}-{lens.today}", found.head, found.rows)


def _lens(request):
    asked = {name: request.GET.get(name, "") for name in FILTERS}
    return make_it.seen_by(Lens.from_query(request.user, asked, timezone.now()))


def _leads(lens):
    """{months ahead: [Said of each month]}"""
    back = periods.months(judged.months_on(periods.first_of("month", lens.today), -LOOKED_BACK), LOOKED_BACK)
    return judged.by_month(lens, back, judged.LEADS)


def _page(request, lens, form, status=200):
    months, leads = outlook.months(lens, _target_of(lens)), _leads(lens)
    said = leads[0]
    context = {
        "lens": lens, "months": months, "form": form, "said": said, "chart": _chart(said),
        "accuracy": judged.accuracy([(one.proven, one.actual) for one in said[-4:]]), "line": judged.LINE,
        "leads": [(lead, len(found), forecast_sheets.errors(found)) for lead, found in leads.items()],
        "calls": outlook.calls(lens)[:CALLS], "nights": ForecastDay.objects.order_by("-day")[:NIGHTS],
        "filters": choices.of(lens, FILTERS) if request.user.is_manager else [],
        "definitions": [DEFINITIONS[name] for name in DEFINES], "mine": not request.user.is_manager,
    }  # fmt: skip
    return render(request, "insights/forecast.html", context, status=status)


def _target_of(lens):
    if not make_it.is_aimed(lens):
        return None
    return lambda targets, months: make_it.target_of(lens, targets, months)


def _chart(said):
    """Accuracy by month, and the line it is held against."""
    known = [(one.month, one.accuracy) for one in said if one.accuracy is not None]
    if not known:
        return ""
    label = _("Accuracy by month: %s") % "; ".join(
        f"{periods.Month(month).words} {number}%" for month, number in known
    )
    ends = (f"{known[0][0]:%b}", f"{known[-1][0]:%b}")
    return columns(
        [number for _m, number in known], judged.LINE, label=label, said="90%", ends=ends, all_low=True
    )
