"""Deals that could not be swept: set aside with their error, tried again later and later, reported to the admins."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from deals.models import Deal
from team.models import Level, User
from team.notices import tell

from .models import Setback

_FIRST, _LONGEST = timedelta(minutes=10), timedelta(days=1)


@transaction.atomic
def set_aside(deal_id, error, now):
    """Remember the error and leave the deal alone for a while. Returns 1, for counting."""
    deal = Deal.objects.select_for_update(of=("self",)).select_related("next_due_rule").get(pk=deal_id)
    before = Setback.objects.filter(deal=deal).first()
    attempts = before.attempts + 1 if before else 1
    retry_at = now + min(_FIRST * 2 ** min(attempts - 1, 12), _LONGEST)
    Setback.objects.update_or_create(
        deal=deal,
        defaults={
            "key": deal.next_due_rule.key if deal.next_due_rule else "",
            "failed_at": now,
            "attempts": attempts,
            "retry_at": retry_at,
            "error": f"{type(error).__name__}: {error}"[:500],
        },
    )
    Deal.objects.filter(pk=deal_id).update(next_due_at=retry_at)
    if attempts == 1:
        admins = User.objects.active().filter(level=Level.ADMIN)
        text = _("The clocks could not do what is due for a deal: %s") % deal
        tell(admins, text, key=f"setback-{deal_id}-{now:%Y%m%d}", url=reverse("operations"), now=now)
    return 1


def healed(deals):
    """What works again needs no remembering. Costs a statement only where something was set aside."""
    tried = [deal.pk for deal in deals if getattr(deal, "is_set_aside", False)]
    if tried:
        Setback.objects.filter(deal__in=tried).delete()
