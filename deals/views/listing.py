"""The deals list: search, filter, sort and page, all saved in the address."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from pipeline.models import Stage
from team.calendar import grace_date, local_date
from team.models import Organisation, User

from ..models import BulkAction, Deal
from ..overview import listing
from ..runs import bulk

# What may be done with chosen deals, in the words of the buttons.
ACTS = [
    (BulkAction.MOVE, _("Move")),
    (BulkAction.REASSIGN, _("Hand over")),
    (BulkAction.ARCHIVE, _("Archive")),
    (BulkAction.NEXT_STEP, _("Next step")),
]


@require_safe
def deals(request):
    filters = listing.Filters.from_query(request.GET)
    organisation = Organisation.current()
    today = local_date(timezone.now(), organisation)
    found = Deal.objects.visible_to(request.user).with_proven(today, grace_date(today, organisation))
    found = filters.apply(found, request.user).select_related("company", "stage", "owner")
    page = Paginator(found, listing.PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filters": filters,
        "shown": [(key, label) for key, (label, _where) in listing.SHOWN.items()],
        "proofs": listing.PROOFS.items(),
        "columns": listing.headings(filters),
        "stages": Stage.objects.in_force().select_related("pipeline"),
        "owners": User.objects.active().filter(level__in=["rep", "manager"]),
        "acts": ACTS,
        "at_most": bulk.AT_MOST,
        "can_act": any(deal.is_live for deal in page),
        "all_chosen": request.GET.get("chosen") == "page",
        "organisation": organisation,
        "today": today,
    }
    return render(request, "deals/list.html", context)
