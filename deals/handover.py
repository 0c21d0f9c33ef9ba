"""Handing over everything that waits for a leaving person, so that nothing is left with who cannot log in."""

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from team.models import User

from . import new_owner
from .approving import approval_handover
from .locking import share_lock
from .models import Activity, ActivityKind, Deal, Task


def held_deals(user):
    """Live deals this person owns, or whose next action is theirs."""
    return Deal.objects.made().live().filter(Q(owner=user) | Q(next_owner=user))


def open_tasks(user):
    return Task.objects.filter(assignee=user, done_at__isnull=True, cancelled_at__isnull=True)


def what_is_held(user):
    """The sentence and address for team.leaving; None where nothing waits."""
    things = _things(
        held_deals(user).count(), open_tasks(user).count(), approval_handover.waiting(user).count()
    )
    if not things:
        return None
    text = _("%(name)s still has %(things)s. Hand them over first.") % {
        "name": user.name, "things": ", ".join(things),
    }  # fmt: skip
    return text, reverse("handover", args=[user.pk])


def _things(deals, tasks, approvals):
    """What there is of each, in words."""
    found = [
        (deals, ngettext("%d live deal", "%d live deals", deals)),
        (tasks, ngettext("%d open task", "%d open tasks", tasks)),
        (approvals, ngettext("%d approval to decide", "%d approvals to decide", approvals)),
    ]
    return [words % count for count, words in found if count]


@transaction.atomic
def hand_over(user, to, *, by, now=None, instead=None, reason=""):
    """Give all live deals and open tasks of `user` to `to`, and the approvals to whom `instead` names for each role.

    Each deal keeps a note of it on its timeline, and `to` is asked to accept it; closed deals keep their seller. `to`
    must be active, and may be None where there is neither deal nor task. Returns how many deals and how many approvals
    changed hands. Raises Unfit, with the role as the field, for an approval that cannot go where it is sent.
    """
    now = now or timezone.now()
    _lock(user)
    count = _hand_deals_over(user, to, by, now, reason) if to is not None else 0
    return count, approval_handover.pass_on(user, instead or {}, by=by, now=now)


def _lock(user):
    """All deals concerned in the order everybody locks them in: pipelines first, then deals."""
    mine = approval_handover.waiting(user).order_by().values("deal")
    concerned = Deal.objects.filter(Q(pk__in=held_deals(user).values("pk")) | Q(pk__in=mine)).order_by("pk")
    for pipeline_id in sorted(set(concerned.order_by().values_list("pipeline", flat=True))):
        share_lock(pipeline_id)
    list(concerned.for_update().values_list("pk", flat=True))


def _hand_deals_over(user, to, by, now, reason):
    to = User.objects.select_for_update(of=("self",)).get(pk=to.pk)
    if not to.is_active or to.pk == user.pk:
        raise ValueError("a deal is handed to somebody else who works here")
    deals = list(held_deals(user).order_by("pk"))
    owned = [deal for deal in deals if deal.owner_id == user.pk]
    for deal in deals:
        deal.owner_id = to.pk if deal.owner_id == user.pk else deal.owner_id
        deal.next_owner_id = to.pk if deal.next_owner_id == user.pk else deal.next_owner_id
        deal.rev += 1
    Deal.objects.bulk_update(deals, ["owner", "next_owner", "rev"], batch_size=500)
    old, once = {deal.pk: user.pk for deal in owned}, f"handover:{user.pk}:{now.isoformat()}"
    new_owner.record(owned, old, by=by, now=now, reason=reason, once=once)
    Activity.objects.bulk_create([_note(deal, user, to, by, now) for deal in deals if deal.pk not in old])
    open_tasks(user).update(assignee=to)
    return len(deals)


def _note(deal, user, to, by, now):
    """What the timeline says of a deal of which only the next action changed hands."""
    return Activity(
        deal=deal,
        kind=ActivityKind.NOTE,
        happened_at=now,
        recorded_at=now,
        recorded_by=by,
        subject=_("Next action handed over from %(old)s to %(new)s") % {"old": user.name, "new": to.name},
    )
