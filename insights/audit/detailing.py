"""What each deal of a kept audit lacks, written down in chunks: some at once, the rest by the tick."""

import time

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Audit, AuditRow
from . import missing
from .listing import BY_EXCEPTION, NO_STEP
from .look import DRAFT, Look

CHUNK = 500
# So long a person waits for what a small audit lacks, and a tick works on large ones.
AT_ONCE, A_TICK = 1, 20


def duty(now):
    """The duty of the tick: audits under way, the oldest first."""
    end, done = time.monotonic() + A_TICK, 0
    for audit in Audit.objects.filter(detailed_at=None).order_by("pk"):
        done += go_on(audit, now, end - time.monotonic())
        if time.monotonic() > end:
            break
    return _("%d deals of kept audits written down") % done if done else None


def go_on(audit, now, seconds=None):
    """Work on one audit until it is done or the time is over; at least a chunk. Returns how many deals were written."""
    end, done = time.monotonic() + (seconds or 0), 0
    while (written := _chunk(audit.pk, now)) is not None:
        done += written
        if seconds is not None and time.monotonic() > end:
            break
    return done


@transaction.atomic
def _chunk(pk, now):
    """How many deals were written; None where nothing is left, or another process is at it."""
    skip = {"skip_locked": True} if connection.features.has_select_for_update_skip_locked else {}
    audit = Audit.objects.select_for_update(of=("self",), **skip).filter(pk=pk, detailed_at=None)
    audit = audit.select_related("pipeline", "version").first()
    if audit is None:
        return None
    rows = list(audit.rows.filter(holds=False, pk__gt=audit.detailed_to).order_by("pk")[:CHUNK])
    if not rows:
        Audit.objects.filter(pk=pk).update(detailed_at=timezone.now())
        return None
    found = missing.of(_look(audit, now), [row.deal_id for row in rows])
    for row in rows:
        lacks = found.get(row.deal_id)  # none of a deal that has ended since
        if lacks:
            row.missing = _missing(lacks)
            row.deepest_id = lacks.deepest.stage_id if lacks.deepest else row.stage_id
    AuditRow.objects.bulk_update(rows, ["missing", "deepest"])
    Audit.objects.filter(pk=pk).update(detailed_to=rows[-1].pk)
    return len(rows)


def _look(audit, now):
    """What it was held against: its version, or the draft as it is by now."""
    if audit.version_id:
        audit.pipeline.version = audit.version
    return Look.of_all(audit.pipeline, now, "" if audit.version_id else DRAFT)


def _missing(lacks):
    """Ids of criteria, and words for what is none."""
    found = [definition.criterion_id for definition in lacks.criteria]
    return found + [NO_STEP] * (not lacks.has_step) + [BY_EXCEPTION] * lacks.has_exception


def progress(audit):
    """(deals written, deals that fail) while it is under way, None once it is done."""
    if audit.detailed_at:
        return None
    return audit.rows.filter(holds=False, pk__lte=audit.detailed_to).count(), audit.failing
