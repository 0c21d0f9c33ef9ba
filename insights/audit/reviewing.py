"""The review as pages: one deal at a time, decided with a key, carried out together."""

import uuid

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from deals.edits import Unfit
from deals.forms import Malformed
from deals.forms.bulk import token_of
from deals.learning import coaching
from deals.models import Deal
from deals.runs import bulk
from deals.views.bulk import worked
from deals.views.replies import go_to, in_kind
from team.digits import number_in
from team.toasts import toast

from . import walking
from .acting import Why
from .views import for_managers, look_of, needed


@require_safe
@for_managers
def review(request):
    """The deal the address asks for, else the first without a decision."""
    look = look_of(request)
    if look is None:
        return redirect(f"{reverse('audit')}?{request.GET.urlencode()}")
    return walked(request, look)


def walked(request, look, *, forms=None, advice=None, status=200):
    """`advice`: {"text": what was typed, "error": what is wrong with it}."""
    decided = walking.decisions(request.session)
    asked = request.POST.get("deal") or request.GET.get("deal", "")
    place = walking.place(look, number_in(asked), decided)
    context = {
        "look": look, "lens": look.lens, "place": place, "stages": _stages(look), "forms": _forms(decided, forms),
        "choices": [(name, key, words) for name, (key, words) in walking.DECISIONS.items()],
    }  # fmt: skip
    if place:
        context["matrix"], reading = walking.matrix(place.deal, look.lens.today)
        context["advice"], context["may_advise"] = advice, coaching.may_advise(request.user, place.deal)
        context["decision"] = decided.get(place.deal.pk, ("", 0))[0]
        process = reading.process
        if place.deal.stage_id in process:
            context["deepest"] = process.stage(reading.deepest(place.deal.stage_id))
    return render(request, "insights/audit/review.html", context, status=status)


def _stages(look):
    """[(stage, how many live deals, whether it is the one walked)]; the whole pipeline is one walk, too."""
    everywhere = look.narrowed(stage=None)
    counted = {}
    for stage_id in everywhere.live().values_list("stage_id", flat=True):
        counted[stage_id] = counted.get(stage_id, 0) + 1
    return [
        (stage, counted.get(stage.stage_id, 0), stage.stage_id == look.stage)
        for stage in look.published.stages
    ]


def _forms(decided, given):
    """[(decision, words, deals, form, token)] of what is to be carried out."""
    found = []
    for decision in walking.CARRIED_OUT:
        ids = [pk for pk, (said, _seq) in decided.items() if said == decision]
        if ids:
            deals = Deal.objects.filter(pk__in=ids).select_related("company").order_by("-amount_base", "pk")
            form = (given or {}).get(decision) or Why(auto_id=f"{decision}_%s")
            found.append((decision, walking.DECISIONS[decision][1], deals, form, uuid.uuid4()))
    return found


@require_POST
@for_managers
@in_kind
def decide(request):
    """Note what is to become of a deal, and go on to the next one."""
    decision = request.POST.get("decision", "")
    deal_id = number_in(request.POST.get("deal"))
    if decision not in walking.DECISIONS or deal_id is None:
        raise Malformed(_("This is no form of ours."))
    look = needed(request, request.POST)
    deal = get_object_or_404(look.live(), pk=deal_id)
    if not walking.decide(request.session, deal, decision):
        raise Malformed(_("Carry out what is decided first."))
    ids = walking.queue(look)
    at = ids.index(deal.pk)
    after = ids[at + 1] if at + 1 < len(ids) else deal.pk
    return go_to(request, f"{reverse('audit_review')}?{look.query_with(deal=after)}")


@require_POST
@for_managers
@in_kind
def advise(request):
    """A word to the deal's owner, kept as advice on the deal; the walk stays where it is."""
    look, deal_id = needed(request, request.POST), number_in(request.POST.get("deal"))
    if deal_id is None:
        raise Malformed(_("This is no form of ours."))
    deal = get_object_or_404(look.live().select_related(*walking.RELATED), pk=deal_id)
    text = request.POST.get("text", "")
    try:
        coaching.advise(deal, text=text, criterion="", by=request.user, now=timezone.now())
    except Unfit as error:
        return walked(request, look, advice={"text": text, "error": error.fields["text"]}, status=422)
    toast(request, _("Advice saved. %s is told.") % deal.owner)
    return go_to(request, f"{reverse('audit_review')}?{look.query_with(deal=deal.pk)}")


@require_POST
@for_managers
@in_kind
def carry_out(request):
    """One run over all deals with the same decision."""
    decision, now = request.POST.get("decision", ""), timezone.now()
    if decision not in walking.CARRIED_OUT:
        raise Malformed(_("This is no form of ours."))
    look, form, token = (
        needed(request, request.POST),
        Why(request.POST, auto_id=f"{decision}_%s"),
        token_of(request.POST),
    )
    decided = walking.decisions(request.session)
    pairs = sorted((pk, seq) for pk, (said, seq) in decided.items() if said == decision)
    visible = set(
        Deal.objects.visible_to(request.user).filter(pk__in=dict(pairs)).values_list("pk", flat=True)
    )
    pairs = [(pk, seq) for pk, seq in pairs if pk in visible]
    if not pairs:
        raise Http404
    if not form.is_valid():
        return walked(request, look, forms={decision: form}, status=422)
    action = walking.CARRIED_OUT[decision]
    run = bulk.ask(action, form.cleaned_data, pairs, by=request.user, token=token, now=now)
    walking.forget(request.session, dict(pairs))
    return worked(request, run, now)
