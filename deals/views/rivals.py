"""Competitors of a deal, noted on its page."""

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from team.toasts import toast

from ..edits import Unfit
from ..learning import rivals
from .access import editable_deal
from .deal import page_of
from .replies import go_to, in_kind


@require_POST
@in_kind
def note(request, pk):
    """422 with the deal's page, what was typed and the reason beside its field."""
    deal = editable_deal(request, pk)
    typed = {name: request.POST.get(name, "") for name in ("competitor", "state", "note")}
    try:
        noted = rivals.note(deal.pk, **typed, by=request.user, now=timezone.now())
    except Unfit as error:
        page = page_of(request, pk)
        context = {"deal": page.deal, "page": page, "rival": typed, "rival_errors": error.fields}
        return render(request, "deals/deal.html", context, status=422)
    toast(request, _("Noted: %s.") % noted)
    return go_to(request, f"{reverse('deal', args=[pk])}#rivals")
