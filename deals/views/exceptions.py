"""Asking for an exception, deciding on one, and the page of all that wait, live and cost."""

from django.http import Http404, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from team.calendar import local_date
from team.models import Organisation
from team.toasts import toast

from .. import moves
from ..asking import exceptions
from ..asking.exceptionask import AskSheet
from ..asking.exceptionpage import ExceptionsPage
from ..forms.exceptions import AskForm, DecisionForm
from ..models import Deal, GateException
from . import refusals
from .access import editable_deal
from .moves import state_of
from .replies import dialog, go_to, in_kind, is_script, wants_json


@require_safe
def index(request):
    """What waits for me, mine, the live ones and the debt."""
    return page(request)


def page(request, status=200, problem=None):
    now, organisation = timezone.now(), Organisation.current()
    found = ExceptionsPage(request.user, organisation, local_date(now, organisation), now, problem)
    return render(request, "deals/exceptions.html", {"page": found, "problem": problem}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def ask(request, pk):
    """The form, with what is open before the stage asked for; POST asks."""
    deal = editable_deal(request, pk)
    form = AskForm(request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        return ask_reply(request, deal, form, 200)
    try:
        exception = asked(request, pk, form)
    except moves.MoveRefused as refusal:
        return not_asked(request, pk, form, refusal)
    if is_script(request):
        return JsonResponse({"exception": exception.pk, "state": exception.state, "deal": pk})
    names = ", ".join(str(person) for person in exception.told[:3])
    toast(request, _("Asked. %s decides.") % names if names else _("Asked."))
    return go_to(request, reverse("board") if form.came_from == "board" else reverse("deal", args=[pk]))


def asked(request, pk, form):
    if form.errors:
        raise moves.MissingInput(form.errors)
    chosen = {"to": form.to, "seen_seq": form.seen_seq, "criteria": form.criteria}
    return exceptions.ask(pk, by=request.user, reason=form.reason, **chosen)


def ask_reply(request, deal, form, status, errors=None):
    sheet = AskSheet(deal, form, request.user, errors)
    if sheet.target is None:
        raise Http404
    return dialog(request, "exception", {"deal": deal, "sheet": sheet}, status=status)


def not_asked(request, pk, form, refusal):
    """The form again with the words beside their fields, or what happened to the deal meanwhile."""
    if isinstance(refusal, moves.StaleDeal) and not wants_json(request):
        return moved_meanwhile(request, pk, refusal)
    if not isinstance(refusal, moves.MissingInput) or wants_json(request):
        return refusals.answer(request, pk, form, refusal)
    return ask_reply(request, editable_deal(request, pk), form, 422, refusal.fields)


def moved_meanwhile(request, pk, refusal):
    deal = editable_deal(request, pk)
    conflict = refusals.conflict_words(deal, refusal.last)
    return dialog(request, "conflict", {"deal": deal, "conflict": conflict}, status=409)


@require_POST
@in_kind
def decide(request, pk):
    """Grant, decline or withdraw. Another team's exception is 404."""
    visible = GateException.objects.filter(deal__in=Deal.objects.visible_to(request.user))
    exception = get_object_or_404(visible.select_related("deal"), pk=pk)
    form = DecisionForm(request.POST)
    try:
        if form.errors:
            raise moves.MissingInput(form.errors)
        words = _DECISIONS[form.decision](request, exception, form)
    except moves.MoveRefused as refusal:
        return undecided(request, exception, form, refusal)
    if is_script(request):
        return JsonResponse(state_of(Deal.objects.get(pk=exception.deal_id)))
    toast(request, words)
    return go_to(request, reverse("exceptions"))


def grant(request, exception, form):
    moved = moves.grant(exception.pk, by=request.user, expires_on=form.expires_on, note=form.typed["note"])
    return _("Granted: %(deal)s moved to %(stage)s.") % {"deal": moved, "stage": exception.to_stage}


def decline(request, exception, form):
    exceptions.decline(exception.pk, by=request.user, note=form.typed["note"])
    return _("Declined: %s stays where it is.") % exception.deal


def withdraw(request, exception, form):
    exceptions.withdraw(exception.pk, by=request.user)
    return _("Taken back: %s stays where it is.") % exception.deal


_DECISIONS = {"grant": grant, "decline": decline, "withdraw": withdraw}


def undecided(request, exception, form, refusal):
    """The page again, with what was typed and why it did not happen."""
    if isinstance(refusal, moves.NotAllowed):
        raise refusal
    if wants_json(request):
        return refusals.answer(request, exception.deal_id, form, refusal)
    status = 409 if isinstance(refusal, (moves.StaleDeal, moves.IllegalMove)) else 422
    if isinstance(refusal, moves.MissingInput):
        form.errors |= refusal.fields
    problem = {"pk": exception.pk, "form": form, "deal": exception.deal, "text": why(refusal)}
    return page(request, status, problem)


def why(refusal):
    """The sentence at the top of the page."""
    if isinstance(refusal, moves.StaleDeal):
        return _("The deal was moved since this was asked. It can be asked for again.")
    if isinstance(refusal, moves.GateClosed):
        labels = "; ".join(finding.definition.label for finding in refusal.open_criteria)
        return _("Something that was not asked for is open too: %s.") % labels
    if isinstance(refusal, moves.MissingInput):
        return _("A field cannot be taken as it is.")
    return str(refusal)
