"""Taking the day's anchor: what the ledger and the published processes are at this moment, digested."""

import time

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from pipeline.models import ProcessVersion
from team.calendar import local_date
from team.models import Organisation

from ..models import Anchor, Transition
from .digests import BLOCK, EMPTY, BlockDigest, canonical, sha256
from .heads import digest_of, head_of
from .telling import put_into_outbox

_WAIT_SECONDS = 5


def take(now):
    """Write the anchor of the local date of `now`, with its mail; None where there is one, or rows are in flight."""
    day = local_date(now, Organisation.current())
    if Anchor.objects.filter(day__gte=day).exists():
        return None
    last_row = settled_row()
    if last_row is None:
        return None
    anchor = _made(day, now, last_row)
    return anchor if _written(anchor) else None


def _made(day, now, last_row):
    blocks = list(blocks_until(last_row))
    last_version = ProcessVersion.objects.aggregate(last=Max("pk"))["last"] or 0
    before = Anchor.objects.order_by("day").last()
    anchor = Anchor(
        day=day,
        at=now,
        last_row=last_row,
        rows=sum(block.rows for _number, block in blocks),
        deals=sum(block.deals for _number, block in blocks),
        blocks=[[number, *block.told()] for number, block in blocks],
        last_version=last_version,
        process=process_digest(last_version),
        previous=before.digest if before else "",
    )
    anchor.digest = digest_of(head_of(anchor), anchor.blocks)
    return anchor


def _written(anchor):
    """False where another process took the day's anchor meanwhile."""
    try:
        with transaction.atomic():
            anchor.save(force_insert=True)
            put_into_outbox(anchor)
    except IntegrityError:
        return False
    return True


def blocks_until(last_row):
    """(number, BlockDigest) of every block that has rows up to this one, one block in memory."""
    rows = Transition.objects.filter(pk__lte=last_row)
    last = rows.aggregate(last=Max("deal_id"))["last"]
    for number in range(last // BLOCK + 1 if last is not None else 0):
        block = BlockDigest()
        ours = rows.filter(deal_id__gte=number * BLOCK, deal_id__lt=(number + 1) * BLOCK)
        for deal_id, seq, row_hash in ours.order_by("pk").values_list("deal_id", "seq", "hash"):
            block.add(deal_id, seq, row_hash)
        if block.told() != EMPTY:
            yield number, block


def process_digest(last_version):
    """One digest over all publications up to this one."""
    rows = ProcessVersion.objects.filter(pk__lte=last_version).order_by("pk")
    names = ["pk", "pipeline_id", "number", "published_at", "published_by_id", "snapshot"]
    said = ""
    for row in rows.values_list(*names):
        said = sha256(said.encode() + canonical([v if k != 3 else v.isoformat() for k, v in enumerate(row)]))
    return said


def settled_row():
    """The greatest id such that no row up to it can still come in; None where that takes too long.

    Ids are given before a transaction commits, so whoever was writing at this moment is waited for. On SQLite only
    one writes at a time.
    """
    last = Transition.objects.aggregate(last=Max("pk"))["last"] or 0
    if connection.vendor != "postgresql":
        return last
    _number_used()
    waiting, until = _writing(), time.monotonic() + _WAIT_SECONDS
    while waiting and time.monotonic() < until:
        time.sleep(0.05)
        waiting &= _writing()
    return None if waiting else last


def _number_used():
    """Complete a transaction with a number: a snapshot names those under way only up to the last one completed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")


def _writing():
    """Transactions under way: our own left out, and what the server tells of other databases.

    A server's snapshot names the transactions of all its databases. Sessions it does not show us are waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute("""SELECT x::text FROM pg_snapshot_xip(pg_current_snapshot()) x
            WHERE x IS DISTINCT FROM pg_current_xact_id_if_assigned() AND NOT EXISTS (
                SELECT FROM pg_stat_activity s
                WHERE s.backend_xid = x::xid AND s.datname <> current_database())""")
        return {row[0] for row in cursor.fetchall()}
