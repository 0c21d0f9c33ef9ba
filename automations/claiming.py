"""Taking what is due: locked, so that of several workers each takes other deals, and with what has fired for each."""

from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import JSONObject

from deals.models import Deal, Firing, Status
from deals.timers import due, due_stored
from pipeline.process import process_known
from pipeline.vocabulary import RuleAction

from .models import Hold, HoldReason, Setback

RUNNING = [Status.OPEN, Status.RE_ENGAGING]
_MOVES = [RuleAction.RE_ENGAGE, RuleAction.ARCHIVE]
# What no rule asks of a deal; they are read where something else does.
_UNREAD = [
    "rev", "token", "next_step", "discount_percent", "deal_type", "lead_source", "probability_override", "goals",
    "commitments", "open_before", "held_here", "claimed_here", "total_here", "holds_until", "stands_until",
    "counts_as_pipeline", "probability", "exception_until", "closed_at", "loss_reason", "paused_on", "paused_until",
    "import_batch", "landed_in", "external_id", "flow_seq",
]  # fmt: skip
_REMEMBERED = ["key", "occurrence", "fired_at", "state", "ended_at", "kept_until"]


def due_deals(now):
    """Live deals for which something is due, without what is held back. One condition for sweep, counts and pages."""
    found = Deal.objects.filter(next_due_at__lte=now, status__in=RUNNING)
    return found.exclude(_held_back())


def _held_back():
    holds = Hold.objects.filter(released_at__isnull=True)
    whole = holds.filter(reason__in=[HoldReason.SKEW, HoldReason.BACKWARDS])
    archives = holds.filter(Q(reason=HoldReason.GAP) | Q(pipeline=OuterRef("pipeline")))
    return Q(next_due_rule__action__in=_MOVES) & Q(Exists(whole)) | (
        Q(next_due_rule__action=RuleAction.ARCHIVE) & Q(Exists(archives))
    )


def claim(now, most, ids=None):
    """Up to so many due deals, soonest first, locked until the transaction ends. Returns (deals, fired by deal id).

    Deals that another worker holds are left to it; `ids` narrows it to those.
    """
    found = due_deals(now) if ids is None else due_deals(now).filter(pk__in=ids)
    found = (
        found.defer(*_UNREAD)
        .order_by("next_due_at", "pk")
        .annotate(
            is_set_aside=Exists(Setback.objects.filter(deal=OuterRef("pk"))),
            version_token=F("pipeline__version__token"),
        )
    )
    if connection.vendor != "postgresql":
        deals = list(found[:most])
        return deals, due_stored.fired_of([deal.pk for deal in deals]) if deals else {}
    locked = found.select_for_update(of=("self",), skip_locked=True).annotate(fired_before=_fired_before())
    deals = list(locked[:most])
    return deals, {deal.pk: _remembered(deal.fired_before) for deal in deals if deal.fired_before}


def process_for(deal):
    """What a claimed deal obeys, from memory where it has been read before."""
    return process_known(deal.version_token, deal.pipeline_id)


def _fired_before():
    """The firings of each deal, read by the same statement."""
    from django.contrib.postgres.expressions import ArraySubquery

    rows = Firing.objects.filter(deal=OuterRef("pk")).order_by()
    return ArraySubquery(rows.values(row=JSONObject(**{name: name for name in _REMEMBERED})))


def _remembered(rows):
    return {
        (row["key"], row["occurrence"]): due.Fired(
            datetime.fromisoformat(row["fired_at"]),
            row["state"],
            row["ended_at"] and datetime.fromisoformat(row["ended_at"]),
            row["kept_until"] and datetime.fromisoformat(row["kept_until"]).date(),
        )
        for row in rows
    }
