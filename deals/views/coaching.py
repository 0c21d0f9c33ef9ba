"""A manager's advice on the deal's page, and the review of a deal that was not won."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from team.toasts import toast

from ..edits import Unfit
from ..learning import coaching, loss_review
from ..moves import IllegalMove
from .access import editable_deal
from .deal import page_of
from .replies import go_to, in_kind, refused


@require_POST
@in_kind
def advise(request, pk):
    """Put advice on record; 422 with the deal's page, what was typed and the reason beside its field."""
    deal = editable_deal(request, pk)
    typed = {name: request.POST.get(name, "") for name in ("text", "criterion")}
    try:
        coaching.advise(deal, **typed, by=request.user, now=timezone.now())
    except Unfit as error:
        return _again(request, pk, advice={"typed": typed, "errors": error.fields})
    toast(request, _("Advice saved. %s is told.") % deal.owner)
    return go_to(request, f"{reverse('deal', args=[deal.pk])}#coaching")


@require_POST
@in_kind
def take_up(request, pk, advice_id):
    """Taken up twice stays as it was the first time."""
    deal = editable_deal(request, pk)
    note = get_object_or_404(deal.coaching, pk=advice_id)
    if coaching.take_up(note, by=request.user, now=timezone.now()):
        toast(request, _("Taken up."))
    return go_to(request, f"{reverse('deal', args=[deal.pk])}#coaching")


@require_POST
@in_kind
def review_loss(request, pk):
    """What we learn from a deal that was not won; 422 with the page where a field does not fit."""
    deal = editable_deal(request, pk)
    typed = {name: request.POST.get(name, "") for name in ("happened", "change", "should_have_won")}
    try:
        loss_review.write(deal, **typed, by=request.user, now=timezone.now())
    except Unfit as error:
        return _again(request, pk, loss={"typed": typed, "errors": error.fields})
    except IllegalMove as error:
        return refused(request, 409, "illegal_move", error)
    toast(request, _("Review saved."))
    return go_to(request, f"{reverse('deal', args=[deal.pk])}#loss-review")


def _again(request, pk, **refusal):
    page = page_of(request, pk)
    return render(request, "deals/deal.html", {"deal": page.deal, "page": page, **refusal}, status=422)
