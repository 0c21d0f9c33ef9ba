"""Which deal a request is about, and whether this person may change it."""

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from team.models import Level, User

from ..models import Deal
from ..moves import NotAllowed, may_edit

RELATED = ["pipeline__version", "company", "owner", "next_owner", "team", "loss_reason"]


def visible_deal(request, pk):
    """404 for another team's deal, as for one that does not exist."""
    return get_object_or_404(Deal.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


def editable_deal(request, pk):
    """NotAllowed, which says who may, for a deal one sees but does not act on."""
    deal = visible_deal(request, pk)
    if not may_edit(request.user, deal):
        raise NotAllowed(who_may(deal))
    return deal


def who_may(deal):
    """Names of those who can do it instead."""
    managers = User.objects.active().filter(level=Level.MANAGER, teams=deal.team_id)
    people = User.objects.active().filter(Q(pk__in=[deal.owner_id, deal.next_owner_id]) | Q(pk__in=managers))
    names = list(people.order_by("name").values_list("name", flat=True).distinct()[:5])
    return _("You see this deal, but others act on it: %s.") % ", ".join(names)
