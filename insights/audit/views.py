"""The audit as pages, for managers: what fails and why, as sheets, kept, and compared."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from deals.forms import Malformed
from deals.input.normalise import clean
from deals.runs import landing_days
from deals.views.replies import go_to, in_kind
from team import formats
from team.csv_files import csv_response, csv_stream
from team.models import Organisation
from team.toasts import toast

from ..lens import Lens
from . import choices, detailing, figures, keeping, listing, told
from .look import Look

PAGE = 50


def for_managers(view):
    """403 for everybody else."""

    @wraps(view)
    def shown(request, *args, **kwargs):
        if not request.user.is_manager:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return shown


def look_of(request, query=None):
    return Look.from_query(request.user, request.GET if query is None else query, timezone.now())


def needed(request, query=None):
    """The look, 404 where there is no such pipeline, or no process is published."""
    look = look_of(request, query)
    if look is None:
        raise Http404
    return look


@require_safe
@for_managers
def audit(request):
    """Every live deal of a pipeline against what it has to prove.

    Which deals a draft changes takes seconds where there are many: the page says so at once, and asks for itself anew.
    """
    look = look_of(request)
    if look and look.takes_long and "taken" not in request.GET:
        return render(
            request,
            "insights/audit/taking.html",
            {"look": look, "lens": look.lens, "filters": choices.of(look)},
        )
    return shown(request, look)


def shown(request, look, *, note="", note_error="", landing=None, status=200):
    """`landing`: (stage id, what was typed, what is wrong with it)."""
    if look is None:
        lens = Lens.from_query(request.user, request.GET, timezone.now())
        return render(
            request, "insights/audit/audit.html", {"look": None, "filters": choices.of_no_pipeline(lens)}
        )
    found = figures.of(look)
    known = None if look.missing else found.whole.failing
    page = Paginator(listing.Failing(look, known), PAGE).get_page(request.GET.get("page"))
    context = {
        "look": look, "lens": look.lens, "found": found, "page": page, "rows": listing.rows(look, page),
        "title": figures.headline(found.whole.before, found.whole.after, look.currency),
        "chart": figures.bar(found.whole, look.currency), "parts": parts(found, look.currency),
        "filters": choices.of(look), "note": note, "note_error": note_error,
        "landing_days": landing_days.by_stage(look.pipeline, request.user), "wrong": landing,
        "kept": keeping.visible_to(request.user).filter(pipeline=look.pipeline)[:3],
    }  # fmt: skip
    return render(request, "insights/audit/audit.html", context, status=status)


def parts(found, currency):
    """[(heading, the filter its lines set, [(line, bar)])]"""
    return [
        (heading, name, [(line, figures.bar_of_whole(line, _most(lines), currency)) for line in lines])
        for heading, name, lines in (
            (_("By stage"), "stage", found.stages),
            (_("By owner"), "owner", found.owners),
        )
    ]


def _most(lines):
    return max((line.before for line in lines), default=0)


@require_safe
@for_managers
def sheet(request, name):
    """The deals, or the figures by stage or owner, as a sheet whose sums are the page's."""
    look = needed(request)
    if name == "deals":
        return csv_stream("audit-deals", listing.HEAD, listing.sheet(look))
    found = figures.of(look)
    lines = {"stages": found.stages, "owners": found.owners}.get(name)
    if lines is None:
        raise Http404
    head = [name[:-1], "deals", "failing", "before", "after", "claimed"]
    return csv_response(f"audit-{name}", head, _cells(lines))


def _cells(lines):
    return [[x.name, x.deals, x.failing, x.before, x.after, x.claimed] for x in lines]


@require_POST
@for_managers
@in_kind
def keep(request):
    """Write the audit down as it stands now."""
    look, note = needed(request, request.POST), clean(request.POST.get("note", ""))
    if len(note) > 200:
        error = _("At most 200 characters.")
        return shown(request, look, note=note, note_error=error, status=422)
    now = timezone.now()
    made = keeping.keep(look, by=request.user, note=note, now=now)
    detailing.go_on(made, now, detailing.AT_ONCE)
    toast(request, _("This audit is kept."))
    return go_to(request, reverse("kept_audit", args=[made.pk]))


@require_POST
@for_managers
@in_kind
def landing(request):
    """Name or withdraw the day on which a stage's imported deals have to prove it."""
    look, now = needed(request, request.POST), timezone.now()
    stage, text = request.POST.get("landing", ""), request.POST.get("day", "")
    stages = {str(row.stage_id): row.stage_id for row in look.published.stages}
    if stage not in stages or request.POST.get("act") not in ("set", "withdraw"):
        raise Malformed(_("This is no form of ours."))
    if request.POST["act"] == "withdraw":
        landing_days.withdraw(stages[stage], now=now)
        toast(request, _("The imported deals of this stage stay where they are."))
        return go_to(request, f"{reverse('audit')}?{look.query}#landing")
    try:
        row = landing_days.set_day(look.pipeline, stages[stage], text, by=request.user, now=now)
    except landing_days.Unlanded as error:
        return shown(request, look, landing=(stages[stage], text[:40], str(error)), status=422)
    toast(request, _("Their owners are told: %s.") % formats.day(row.day))
    return go_to(request, f"{reverse('audit')}?{look.query}#landing")


@require_safe
@for_managers
def kept_all(request):
    """Audits that were kept, newest first."""
    page = Paginator(keeping.visible_to(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "insights/audit/kept_all.html", {"page": page, "currency": _currency()})


@require_safe
@for_managers
def kept(request, pk):
    """One of them, perhaps beside another: `with` names it."""
    mine = keeping.visible_to(request.user)
    one = get_object_or_404(mine, pk=pk)
    others = mine.filter(pipeline=one.pipeline).exclude(pk=pk)[:PAGE]
    asked = request.GET.get("with", "")
    other = next((each for each in others if str(each.pk) == asked), None)
    found, currency = keeping.figures_of(one), _currency()
    page = Paginator(told.failing(one), PAGE).get_page(request.GET.get("page"))
    context = {
        "audit": one, "others": others, "other": other, "currency": currency, "found": found,
        "title": figures.headline(one.money_before, one.money_after, currency),
        "parts": parts(found, currency), "under_way": detailing.progress(one),
        "compared": keeping.compare(one, other) if other else None, "page": page, "rows": told.told(one, page),
    }  # fmt: skip
    return render(request, "insights/audit/kept.html", context)


@require_safe
@for_managers
def kept_sheet(request, pk):
    """Every deal of it, as it stood then."""
    one = get_object_or_404(keeping.visible_to(request.user), pk=pk)
    return csv_stream(f"audit-{one.pk}", told.HEAD, told.sheet(one))


def _currency():
    return Organisation.current().currency
