"""An approval of ours that is late does not lie in a queue: once, those who can do something about it are told."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from team import formats
from team.calendar import local_date
from team.models import Level, Organisation, User
from team.notices import tell

from ..locking import locked_deal
from ..models import Approval, Deal, Decision


def escalate(now):
    """Tell of every approval of a live deal that became late since the last tick. Returns how many."""
    today = local_date(now, Organisation.current())
    found = _not_told(today).filter(deal__in=Deal.objects.made().live())
    return sum(
        _escalate(deal_id, pk, today, now)
        for deal_id, pk in found.order_by("deal", "pk").values_list("deal", "pk")
    )


def _not_told(today):
    """What a colleague should have decided before that day; of the buyer's nobody here can hurry anybody."""
    late = Approval.objects.filter(decision=Decision.PENDING, due_on__lt=today, escalated_at__isnull=True)
    return late.filter(approver__isnull=False)


@transaction.atomic
def _escalate(deal_id, approval_id, today, now):
    """Under the deal's lock: it may have been decided, or told by another process, since it was found."""
    deal, _process = locked_deal(deal_id)
    approval = _not_told(today).select_related("approver").filter(pk=approval_id).first()
    if approval is None or not deal.is_live:
        return 0
    approval.escalated_at = now
    approval.save(update_fields=["escalated_at"])
    details = {
        "who": approval.approver, "what": approval.subject, "deal": deal.name,
        "day": formats.day_short(approval.due_on),
    }  # fmt: skip
    _tell_approver(approval, details, now)
    words = _("%(who)s has not decided, late since %(day)s: %(what)s, %(deal)s") % details
    tell(people(approval, deal), words, key=_key(approval), url=reverse("approvals", args=[deal.pk]), now=now)
    return 1


def _tell_approver(approval, details, now):
    if approval.approver.is_active:
        words = _("Late since %(day)s, and the deal waits for you: %(what)s, %(deal)s") % details
        url = reverse("approval", args=[approval.pk])
        tell([approval.approver], words, key=_key(approval), url=url, now=now)


def people(approval, deal):
    """The managers of the deal's team, admins where it has none; and who acts on the deal."""
    others = User.objects.active().exclude(pk=approval.approver_id)
    managers = others.filter(level=Level.MANAGER, teams=deal.team_id)
    acting = others.filter(pk__in={deal.owner_id, deal.next_owner_id})
    return {*(managers or others.filter(level=Level.ADMIN)), *acting}


def _key(approval):
    return f"approval-{approval.pk}-late"
