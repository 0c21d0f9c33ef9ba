"""Keeping `next_due_at` and its rule in step with what they follow from: one deal as it settles, or many at once."""

import time

from django.db import connection, transaction
from django.db.models import F

from pipeline.process import process_known
from team.calendar import calendar_of
from team.models import remembered

from ..models import Deal, Firing, Status
from ..rows.among import Among
from ..rows.rewriting import rewrite
from . import due

COLUMNS = ["next_due_at", "next_due_rule"]
_CHUNK = 2000
_REMEMBERED = ["fired_at", "state", "ended_at", "kept_until"]


def follow(deal, process):
    """Set the columns of a locked deal, unsaved. Returns whether a rule ever fired for it."""
    fired = fired_of([deal.pk]).get(deal.pk, {})
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


def follow_many(deals):
    """Bring the stored columns of many deals in line, a few statements for each 2,000. Returns how many changed."""
    return follow_some(deals)[0]


def follow_some(deals, after=0, seconds=None):
    """The same for the deals whose ids come after this one, perhaps for so long only.

    Returns (how many changed, the id to go on after, None at the end).
    """
    changed, last, until = 0, after, None if seconds is None else time.monotonic() + seconds
    with remembered():  # the calendars are read once, not for each deal
        while True:
            count, found = _chunk(deals.filter(pk__gt=last))
            changed += count
            if len(found) < _CHUNK:
                return changed, None
            last = found[-1].pk
            if until is not None and time.monotonic() > until:
                return changed, last


@transaction.atomic
def _chunk(deals):
    """(how many changed, the deals looked at), locked so that nobody's later word is written over."""
    found = deals.filter(seq__gt=0).annotate(version_token=F("pipeline__version__token")).order_by("pk")
    found = list(found.select_for_update(of=("self",))[:_CHUNK])
    fired, rows = fired_of([deal.pk for deal in found]), []
    for deal in found:
        stored = deal.next_due_at, deal.next_due_rule_id
        follow_one(deal, process_known(deal.version_token, deal.pipeline_id), fired.get(deal.pk, {}))
        if stored != (deal.next_due_at, deal.next_due_rule_id):
            rows.append((deal.pk, as_stored(deal.next_due_at), deal.next_due_rule_id))
    return rewrite(Deal, ["next_due_at", "next_due_rule_id"], rows), found


def follow_one(deal, process, fired):
    """Set the columns of a deal whose firings are at hand, unsaved."""
    found = coming(deal, process, fired)
    deal.next_due_at = found[0].at if found else None
    deal.next_due_rule = found[0].definition if found else None


def coming(deal, process, fired):
    """due.upcoming by the calendar of the deal's team."""
    return due.upcoming(deal, process, calendar_of(deal.team_id), fired) if _runs(deal) else []


def as_stored(moment):
    """An instant as the table holds it, for a statement of our own."""
    return connection.ops.adapt_datetimefield_value(moment)
