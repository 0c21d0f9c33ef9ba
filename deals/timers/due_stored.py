"""Keeping `next_due_at` and its rule in step with what they follow from: one deal as it settles, or many at once."""

import time

from django.db import connection, transaction
from django.db.models import F

from pipeline.process import process_known
from team.calendar import calendar_of
from team.models import remembered
from team.prepared import Prepared

from ..models import Deal, Firing, Status
from ..rows.among import Among
from ..rows.rewriting import rewrite
from . import due

COLUMNS = ["next_due_at", "next_due_rule"]
COLUMNS_OF_TABLE = ["next_due_at", "next_due_rule_id"]
CHUNK = 2000
# What the days of a deal rest on, and what is stored of them.
READ = [
    "pk", "status", "stage_id", "team_id", "pipeline_id", "held_days", "awaiting_held_days",
    "last_buyer_activity_at", "known_since", "created_at", "awaiting_since", "stage_entered_at", "next_step_on",
    "expected_close", *COLUMNS_OF_TABLE,
]  # fmt: skip
_REMEMBERED = ["fired_at", "state", "ended_at", "kept_until"]
_firings = Prepared(lambda deal_id: Firing.objects.filter(deal_id=deal_id).order_by(), 0)


def follow(deal, process):
    """Set the columns of a locked deal, unsaved. Returns whether a rule ever fired for it."""
    rows = _firings(deal.pk)
    fired = {(row.key, row.occurrence): due.Fired(*(getattr(row, n) for n in _REMEMBERED)) for row in rows}
    follow_one(deal, process, fired)
    return bool(fired)


def _runs(deal):
    return deal.status in (Status.OPEN, Status.RE_ENGAGING)


def fired_of(deal_ids):
    """{deal id: {(key, occurrence): due.Fired}}."""
    rows = Firing.objects.filter(Among("deal_id", deal_ids)).order_by()
    found = {}
    for deal_id, key, occurrence, *kept in rows.values_list("deal_id", "key", "occurrence", *_REMEMBERED):
        found.setdefault(deal_id, {})[key, occurrence] = due.Fired(*kept)
    return found


def follow_many(deals, taken=lambda: None):
    """Bring the stored columns of many deals in line, a few statements for each 2,000; then `taken` is called.

    Returns how many changed.
    """
    return follow_some(deals, taken=taken)[0]


def follow_some(deals, after=0, seconds=None, taken=lambda: None):
    """The same for the deals whose ids come after this one, perhaps for so long only.

    Returns (how many changed, the id to go on after, None at the end).
    """
    changed, last, until = 0, after, None if seconds is None else time.monotonic() + seconds
    with remembered():  # the calendars are read once, not for each deal
        while True:
            count, found = _chunk(deals.filter(pk__gt=last))
            changed += count
            taken()
            if len(found) < CHUNK:
                return changed, None
            last = found[-1].pk
            if until is not None and time.monotonic() > until:
                return changed, last


@transaction.atomic
def _chunk(deals):
    """(how many changed, the deals looked at), locked so that nobody's later word is written over."""
    locked = deals.filter(seq__gt=0).annotate(version_token=F("pipeline__version__token")).for_update()
    found = list(locked.order_by("pk").values_list(*READ, "version_token", named=True)[:CHUNK])
    fired, rows = fired_of([deal.pk for deal in found]), []
    for deal in found:
        process = process_known(deal.version_token, deal.pipeline_id)
        first = soonest(deal, process, fired.get(deal.pk, {}))
        due_now = (first.at, first.definition.pk) if first else (None, None)
        if (deal.next_due_at, deal.next_due_rule_id) != due_now:
            rows.append((deal.pk, as_stored(due_now[0]), due_now[1]))
    return rewrite(Deal, COLUMNS_OF_TABLE, rows), found


def follow_one(deal, process, fired):
    """Set the columns of a deal whose firings are at hand, unsaved."""
    first = soonest(deal, process, fired)
    deal.next_due_at = first.at if first else None
    deal.next_due_rule = first.definition if first else None


def soonest(deal, process, fired):
    """The first of due.upcoming by the calendar of the deal's team, None where there is none."""
    return due.soonest(deal, process, calendar_of(deal.team_id), fired) if _runs(deal) else None


def coming(deal, process, fired):
    """due.upcoming by the calendar of the deal's team."""
    return due.upcoming(deal, process, calendar_of(deal.team_id), fired) if _runs(deal) else []


def as_stored(moment):
    """An instant as the table holds it, for a statement of our own."""
    return connection.ops.adapt_datetimefield_value(moment)
