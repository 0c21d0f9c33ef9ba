"""What of deals waits for a person's word, as the number in the top bar counts it."""

from django.db.models import OuterRef

from team import waiting, waiting_for

from ..models import LIVE, Approval, Decision, ExceptionState, GateException, Handover, Status


def approvals():
    """Those asked of the person, whether or not they see the deals."""
    pending = Approval.objects.filter(waiting.said("decision", "= 'pending'"), decision=Decision.PENDING)
    return pending.filter(approver=OuterRef("pk"), deal__seq__gt=0)


def exceptions():
    """Who asked does not grant."""
    asked = GateException.objects.filter(waiting.said("state", "= 'asked'"), state=ExceptionState.ASKED)
    return waiting_for.of_managers_who_see_the_deal(asked.exclude(asked_by=OuterRef("pk")))


def handovers():
    """Deals that were handed to the person and that they have not accepted."""
    waiting_rows = Handover.objects.waiting().filter(deal__status__in=[*LIVE, Status.WON])
    return waiting_rows.filter(new=OuterRef("pk"))
