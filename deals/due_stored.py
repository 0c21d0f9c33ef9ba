"""Keeping `next_due_at` and its rule in step with what they follow from: one deal as it settles, or many at once."""

from django.db import connection

from pipeline.process import process_of
from team.calendar import calendar_of
from team.models import remembered

from . import due
from .among import Among
from .models import Deal, Firing, Status
from .rewriting import rewrite

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
    changed, last = 0, 0
    query = deals.filter(seq__gt=0).select_related("pipeline__version").order_by("pk")
    with remembered():  # the calendars are read once, not for each deal
        while chunk := list(query.filter(pk__gt=last)[:_CHUNK]):
            last = chunk[-1].pk
            changed += _follow(chunk)
    return changed


def _follow(deals):
    fired, rows = fired_of([deal.pk for deal in deals]), []
    for deal in deals:
        stored = deal.next_due_at, deal.next_due_rule_id
        follow_one(deal, process_of(deal.pipeline), fired.get(deal.pk, {}))
        if stored != (deal.next_due_at, deal.next_due_rule_id):
            rows.append((deal.pk, as_stored(deal.next_due_at), deal.next_due_rule_id))
    return rewrite(Deal, ["next_due_at", "next_due_rule_id"], rows)


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
