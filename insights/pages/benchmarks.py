"""/dashboard/benchmarks/: what counts as normal, and what is outside of it. Managers set it."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals.moves import NotAllowed
from deals.views.replies import go_to, in_kind
from pipeline.models import Pipeline
from team.csv_files import csv_response
from team.toasts import toast

from .. import benchmarks
from ..forms.benchmark_form import Form
from ..meanings.definitions import DEFINITIONS
from ..models import Benchmark


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def page(request):
    """All of them; POST sets a new one."""
    if request.method != "POST":
        return _shown(request)
    _check(request.user)
    form = Form(request.user, _pipelines(), posted=request.POST)
    if not form.save():
        return _shown(request, form)
    toast(request, _("Benchmark set. It is looked at each night."))
    return go_to(request, reverse("benchmarks"))


@require_POST
@in_kind
def change(request, pk):
    """Another band or person, or none any more."""
    _check(request.user)
    benchmark = get_object_or_404(Benchmark, pk=pk)
    act = request.POST.get("act", "save")
    if act not in ("save", "remove"):
        raise Http404
    if act == "remove":
        benchmark.delete()
        toast(request, _("Benchmark removed."))
        return go_to(request, reverse("benchmarks"))
    form = Form(request.user, _pipelines(), benchmark, request.POST)
    if not form.save():
        return _shown(request, form)
    toast(request, _("Benchmark saved."))
    return go_to(request, reverse("benchmarks"))


@require_safe
def sheet(request):
    """The bands with their figures, as the page's reader sees them; numbers without their units."""
    head = [_("Figure"), _("Of"), _("At least"), _("At most"), _("Now"), _("Outside"), _("Who looks into it")]
    rows = [
        [str(row.metric.label), row.place, row.benchmark.low, row.benchmark.high,
         None if row.value is None else round(float(row.value), 1), _("outside") if row.is_outside else "",
         str(row.benchmark.asks)]
        for row in benchmarks.standings(request.user, timezone.now())
    ]  # fmt: skip
    return csv_response("benchmarks", head, rows)


def _check(user):
    if not user.is_manager:
        raise NotAllowed(_("Managers set benchmarks."))


def _pipelines():
    found = Pipeline.objects.active().filter(version__isnull=False).select_related("version")
    return list(found.order_by("position", "pk"))


def _shown(request, refused=None):
    user, pipelines = request.user, _pipelines()
    rows = benchmarks.standings(user, timezone.now())
    may = user.is_manager
    context = {
        "rows": [(row, _form(row.benchmark, user, pipelines, refused) if may else None) for row in rows],
        "form": (refused if refused and not refused.benchmark else Form(user, pipelines)) if may else None,
        "metrics": benchmarks.METRICS, "outside": sum(bool(row.is_outside) for row in rows),
        "definition": DEFINITIONS["benchmark"], "adding": bool(refused and not refused.benchmark),
        "lens": {"query": ""},
    }  # fmt: skip
    return render(request, "insights/benchmarks.html", context, status=422 if refused else 200)


def _form(benchmark, user, pipelines, refused):
    mine = refused and refused.benchmark and refused.benchmark.pk == benchmark.pk
    return refused if mine else Form(user, pipelines, benchmark)
