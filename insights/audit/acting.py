"""Acting on deals that fail: asked first, then one run over all of them, which can be taken back as a whole."""

import uuid

from django import forms
from django.db.models import Count, Sum
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from deals.forms import Malformed
from deals.forms.bulk import seen_of, token_of
from deals.input import normalise
from deals.models import BulkAction, BulkRun
from deals.runs import bulk
from deals.views.bulk import own, worked
from deals.views.replies import in_kind

from . import listing
from .look import GATE
from .views import for_managers, needed

ACTIONS = {
    BulkAction.BACK: gettext_lazy("Move back to what is proven"),
    BulkAction.ARCHIVE: gettext_lazy("Archive"),
}
SHOWN = 50
# Of an answer that shows other deals than the form was about.
OTHER = 409


class Why(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=2000)

    def clean_reason(self):
        reason = normalise.clean(self.cleaned_data["reason"])
        if flaw := normalise.flaw(reason, min_length=3):
            raise forms.ValidationError(flaw)
        return reason


def action_of(data):
    if data.get("action") not in ACTIONS:
        raise Malformed(_("This is no form of ours."))
    return BulkAction(data["action"])


def chosen(look, data, action):
    """(the deals meant, {deal id: the seq that was seen}); the second is empty where all that fail are meant."""
    if look.is_draft:
        raise Malformed(_("Deals obey the published version; publish the draft first."))
    if data.get("all"):
        return all_of(look, action), {}
    seen = seen_of(data)
    if len(seen) > bulk.AT_MOST:
        raise Malformed(_("At most %d deals at once.") % bulk.AT_MOST)
    return look.failing().filter(pk__in=seen), seen


def all_of(look, action):
    """Going back asks an open gate, and leaves alone whom somebody let pass by exception."""
    if action == BulkAction.BACK and not look.missing:
        return look.narrowed(missing=GATE).failing().filter(status="open", exception_until__isnull=True)
    return look.failing()


@require_POST
@for_managers
@in_kind
def choose(request):
    """What would happen to whom. Nothing is done yet."""
    action, look = action_of(request.POST), needed(request, request.POST)
    deals, seen = chosen(look, request.POST, action)
    return asked(request, action, look, deals, seen, Why())


def asked(request, action, look, deals, seen, form, *, token=None, status=200):
    found = _sums(deals)
    listed = deals.select_related("company", "stage", "owner").order_by("-amount_base", "pk")[:SHOWN]
    context = {
        "action": action, "label": ACTIONS[action], "look": look, "found": found, "form": form, "seen": seen.items(),
        "rows": listing.rows(look, listed), "token": token or uuid.uuid4(), "is_all": not seen,
        "more": found["count"] > SHOWN, "shown": _said(found), "is_other": status == OTHER,
    }  # fmt: skip
    return render(request, "insights/audit/ask.html", context, status=status if found["count"] else 422)


def _sums(deals):
    return deals.aggregate(count=Count("pk"), money=Sum("amount_base", default=0))


def _said(found):
    """How many deals of how much money a page showed, as its form says it."""
    return f"{found['count']}:{found['money']:.2f}"


@require_POST
@for_managers
@in_kind
def start(request):
    """Put the run on record and begin; the same form again goes on with its run.

    All that fail are those that were shown: where they are others by now, nothing happens and they are shown anew.
    """
    action, token, now = action_of(request.POST), token_of(request.POST), timezone.now()
    look, form = needed(request, request.POST), Why(request.POST)
    if run := BulkRun.objects.filter(token=token).first():
        return worked(request, own(request, run.pk), now)
    deals, seen = chosen(look, request.POST, action)
    if not form.is_valid() or not deals.exists():
        return asked(request, action, look, deals, seen, form, token=token, status=422)
    shown = request.POST.get("shown")
    if shown and not seen and shown != _said(_sums(deals)):
        return asked(request, action, look, deals, seen, form, token=token, status=OTHER)
    given = {"by": request.user, "token": token, "now": now}
    if seen:
        pairs = [(pk, seen[pk]) for pk in deals.order_by("pk").values_list("pk", flat=True)]
        run = bulk.ask(action, form.cleaned_data, pairs, **given)
    else:
        run = bulk.ask_all(action, form.cleaned_data, deals, **given)
    return worked(request, run, now)
