"""Handing over everything a leaving person acts on, so that no live deal is left without somebody."""

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from team.models import User

from .models import Activity, ActivityKind, Deal, Task


def held_deals(user):
    """Live deals this person owns, or whose next action is theirs."""
    return Deal.objects.made().live().filter(Q(owner=user) | Q(next_owner=user))


def open_tasks(user):
    return Task.objects.filter(assignee=user, done_at__isnull=True, cancelled_at__isnull=True)


def what_is_held(user):
    """The sentence and address for team.leaving; None where nothing waits."""
    count = held_deals(user).count()
    if not count and not open_tasks(user).exists():
        return None
    deals = ngettext("%d live deal", "%d live deals", count) % count
    text = _("%(name)s still acts on %(deals)s. Hand them over first.") % {"name": user.name, "deals": deals}
    return text, reverse("handover", args=[user.pk])


@transaction.atomic
def hand_over(user, to, *, by, now=None):
    """Give all live deals and open tasks of `user` to `to`. Returns how many deals changed hands.

    Each deal keeps a note of it on its timeline. `to` must be active; closed deals keep their seller.
    """
    now = now or timezone.now()
    to = User.objects.select_for_update(of=("self",)).get(pk=to.pk)
    if not to.is_active or to.pk == user.pk:
        raise ValueError("a deal is handed to somebody else who works here")
    deals = list(held_deals(user).select_for_update(of=("self",)).order_by("pk"))
    for deal in deals:
        deal.owner_id = to.pk if deal.owner_id == user.pk else deal.owner_id
        deal.next_owner_id = to.pk if deal.next_owner_id == user.pk else deal.next_owner_id
        deal.rev += 1
    Deal.objects.bulk_update(deals, ["owner", "next_owner", "rev"], batch_size=500)
    Activity.objects.bulk_create([note(deal, user, to, by, now) for deal in deals])
    open_tasks(user).update(assignee=to)
    return len(deals)


def note(deal, user, to, by, now):
    """What the deal's timeline says of it, not yet written."""
    return Activity(
        deal=deal,
        kind=ActivityKind.NOTE,
        happened_at=now,
        recorded_at=now,
        recorded_by=by,
        subject=_("Handed over from %(old)s to %(new)s") % {"old": user.name, "new": to.name},
    )
