"""Pauses that are over: the deal goes on by itself on the day that was named."""

import logging

from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from deals import moves
from deals.models import Deal, Source, Status
from team.calendar import by_calendar, local_date
from team.notices import tell

logger = logging.getLogger(__name__)


def resume_due(now):
    """Resume every deal whose pause has ended where its team is; who acts on it is told. Returns how many."""
    ended = Q()
    for calendar, teams in by_calendar():
        ended |= teams & Q(paused_until__lte=local_date(now, calendar))
    over = Deal.objects.filter(ended, status=Status.PAUSED)
    return sum(_resume(pk, now) for pk in over.order_by("pk").values_list("pk", flat=True))


def _resume(pk, now):
    try:
        deal = moves.resume(pk, seen_seq=None, by=None, now=now, source=Source.RULE)
    except (OperationalError, InterfaceError):
        raise
    except moves.MoveRefused:  # somebody was faster
        return 0
    except Exception:
        logger.exception("the pause of deal %s could not be ended", pk)
        return 0
    text = _("The pause is over: %s. Agree on a next step.") % deal
    tell([deal.next_owner], text, key=f"resumed-{pk}-{deal.seq}", url=reverse("deal", args=[pk]), now=now)
    return 1
