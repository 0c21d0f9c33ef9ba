"""A new deal in one screen."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from team.digits import number_in
from team.toasts import toast

from .. import segments
from ..forms import Malformed
from ..input import parsing
from ..intake import LONGEST_KEY, NewDealForm, made_by
from ..models import Company
from .replies import in_kind


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def new_deal(request):
    form = NewDealForm(request.user, request.POST or None, initial=_initial(request))
    if unknown := set(request.POST) - {*form.fields, "csrfmiddlewaretoken"}:
        raise Malformed(_("There is no field %s.") % min(unknown)[:60])
    if deal := _sent_before(request) or (form.save() if form.is_valid() else None):
        toast(request, _("%s is on the board.") % deal.name)
        return redirect("deal", deal.pk)
    context = {"form": form, "companies": _companies(form), "proposed": _proposed(form.data or form.initial)}
    return render(request, "deals/new.html", context, status=422 if form.errors else 200)


def _sent_before(request):
    """The deal of the same form; what else it says now changes nothing."""
    key = request.POST.get("key", "")
    if len(key) > LONGEST_KEY:
        raise Malformed(_("The key has at most %d characters.") % LONGEST_KEY)
    return made_by(request.user, key)


def _initial(request):
    """A link from a company's page names it."""
    known = Company.objects.filter(pk=number_in(request.GET.get("company"))).first()
    return {"company": known.name} if known else {}


def _companies(form):
    """Names to choose from, so that a company is not made twice."""
    return Company.objects.filter(merged_into__isnull=True).values_list("name", flat=True)[:300]


@require_safe
def proposed_pipeline(request):
    """The name of the pipeline that fits what is typed so far."""
    pipeline = _proposed(request.GET)
    return HttpResponse(pipeline.name if pipeline else "", content_type="text/plain")


def _proposed(data):
    try:
        amount = parsing.amount(data.get("amount", "")) if data.get("amount") else None
    except parsing.ParseError:
        amount = None
    return segments.proposed(amount, data.get("deal_type", ""))
