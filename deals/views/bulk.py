"""Acting on many deals of the list: choose, look, go, and what became of each."""

import uuid

from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from team.calendar import grace_date, local_date
from team.csv_files import csv_response
from team.digits import number_in
from team.models import Organisation

from ..forms import Malformed
from ..forms.bulk import FORMS, action_of, seen_of, token_of
from ..models import BulkRun, Deal
from ..moves import IllegalMove, may_edit
from ..overview import listing
from ..runs import bulk
from .replies import go_to, in_kind, refused

# A request works so long; the page then goes on by itself, or with the next click.
SECONDS = 3
LISTED = 500
RELATED = ["company", "stage", "owner", "pipeline__version"]


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def choose(request):
    """What the act needs to know, beside the deals it is about. Nothing is done yet."""
    if request.method != "POST":
        return redirect("deals")
    action = action_of(request.POST)
    deals, more = chosen(request)
    form = FORMS[action](deals, timezone.now())
    return asked(request, action, deals, form, more=more, status=200 if deals else 422)


@require_POST
@in_kind
def start(request):
    """Put the run on record and begin. The same form sent twice is one run."""
    action, token, now = action_of(request.POST), token_of(request.POST), timezone.now()
    deals, more = chosen(request)
    form = FORMS[action](deals, now, request.POST)
    if not deals or not form.is_valid():
        return asked(request, action, deals, form, more=more, token=token, status=422)
    seen = [(deal.pk, deal.seen_seq) for deal in deals]
    run = bulk.ask(action, form.cleaned_data, seen, by=request.user, token=token, now=now)
    return worked(request, own(request, run.pk), now)


@require_POST
@in_kind
def go_on(request, pk):
    return worked(request, own(request, pk), timezone.now())


def worked(request, run, now):
    bulk.work_off(run, now, SECONDS)
    return go_to(request, reverse("bulk", args=[run.pk]))


@require_safe
def show(request, pk):
    """What became of each deal so far."""
    run = own(request, pk)
    owner = asked_owner(request)
    return render(request, "deals/bulk.html", context_of(run, request.user, timezone.now(), owner))


def asked_owner(request):
    """Whose deals of a run are looked at; None for everybody's."""
    return number_in(request.GET.get("owner"))


def of_owner(items, owner):
    """By who owns the deals now."""
    return items.filter(deal__owner=owner) if owner else items


def owners(run):
    """[(id, name)] of those whose deals a run is about."""
    found = run.items.order_by("deal__owner__name", "deal__owner")
    return list(found.values_list("deal__owner", "deal__owner__name").distinct())


@require_POST
@in_kind
def undo(request, pk):
    """Take everything back that the run moved: a run of its own, which says what had moved on since."""
    run, now = own(request, pk), timezone.now()
    try:
        return worked(request, bulk.undo(run, by=request.user, now=now), now)
    except IllegalMove as error:
        return refused(request, 409, "illegal_move", error)


def mark_visible(items, user):
    """A deal handed to another team has no page any more for who handed it over."""
    deals = Deal.objects.visible_to(user).filter(pk__in=[item.deal_id for item in items])
    visible = set(deals.values_list("pk", flat=True))
    for item in items:
        item.is_visible, item.reasons = item.deal_id in visible, item.message.splitlines()


def context_of(run, user, now, owner=None):
    """Figures of all its deals; of each outcome the first are listed, perhaps of one owner; the sheet has them all."""
    counted = dict(run.items.order_by().values_list("outcome").annotate(Count("pk")))
    left, done, refused = (counted.get(outcome, 0) for outcome in ("", bulk.DONE, bulk.REFUSED))
    items = of_owner(run.items.select_related("deal__company").order_by("pk"), owner)
    theirs = counted
    if owner:
        theirs = dict(items.order_by().values_list("outcome").annotate(Count("pk")))
    listed = {
        outcome: list(items.filter(outcome=outcome)[:LISTED]) if theirs.get(outcome) else []
        for outcome in (bulk.DONE, bulk.REFUSED)
    }
    mark_visible([*listed[bulk.DONE], *listed[bulk.REFUSED]], user)
    return {
        "run": run, "title": bulk.title(run), "all": left + done + refused, "worked": done + refused,
        "left": left, "done": listed[bulk.DONE], "refused": listed[bulk.REFUSED], "done_count": done,
        "refused_count": refused, "listed": LISTED, "can_undo": done and bulk.can_undo(run, now),
        "owners": owners(run), "owner": owner,
        "done_theirs": theirs.get(bulk.DONE, 0), "refused_theirs": theirs.get(bulk.REFUSED, 0),
    }  # fmt: skip


@require_safe
def result(request, pk):
    """The same as a table for a spreadsheet."""
    run = own(request, pk)
    items = of_owner(run.items.select_related("deal__company").order_by("pk"), asked_owner(request))
    rows = (
        [item.deal_id, item.deal.name, item.deal.company.name, item.outcome or "waiting", item.message]
        for item in items.iterator(chunk_size=2000)
    )
    return csv_response(f"bulk-{run.pk}", ["deal", "name", "company", "outcome", "why"], rows)


def own(request, pk):
    """A run is for who asked for it."""
    return get_object_or_404(BulkRun.objects.select_related("by"), pk=pk, by=request.user)


def chosen(request):
    """(deals as they were seen, how many more there are than one run may have). Deals one does not see are no deals."""
    organisation = Organisation.current()
    today = local_date(timezone.now(), organisation)
    deals = Deal.objects.visible_to(request.user).with_proven(today, grace_date(today, organisation))
    if request.POST.get("all"):
        found = listing.Filters.from_query(request.POST).apply(deals, request.user)
        seen, more = {}, max(found.count() - bulk.AT_MOST, 0)
        found = list(found.select_related(*RELATED)[: bulk.AT_MOST])
    else:
        seen, more = seen_of(request.POST), 0
        if len(seen) > bulk.AT_MOST:
            raise Malformed(_("At most %d deals at once.") % bulk.AT_MOST)
        found = list(deals.filter(pk__in=seen).select_related(*RELATED).order_by("-created_at", "-pk"))
    for deal in found:
        deal.seen_seq, deal.is_mine = seen.get(deal.pk, deal.seq), may_edit(request.user, deal)
    return found, more


def asked(request, action, deals, form, *, more=0, token=None, status=200):
    context = {
        "action": action, "deals": deals, "form": form, "token": token or uuid.uuid4(), "more": more,
        "at_most": bulk.AT_MOST, "not_mine": sum(not deal.is_mine for deal in deals),
        "asks": bulk.asked_of(deals) if action == "move" else [],
    }  # fmt: skip
    return render(request, "deals/bulk_ask.html", context, status=status)
