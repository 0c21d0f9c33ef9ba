"""Writing ledger rows and chaining their hashes."""

import hashlib
import json
from collections import defaultdict
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from team.prepared import Prepared

from ..guard import rules
from ..models import Deal, Kind, Transition
from ..rows import inserting
from ..rows.among import Among
from ..rows.rewriting import rewrite

# What a hash covers, in this order; everything that says who moved what, when, why and on what grounds.
HASHED = [
    "deal_id", "seq", "kind", "from_stage_id", "to_stage_id", "from_status", "to_status", "passed", "actor_id",
    "source", "happened_at", "recorded_at", "owner_id", "team_id", "amount", "currency", "version_id", "snapshot",
    "reason", "loss_reason_id", "approver_id", "batch", "key", "prev_hash",
]  # fmt: skip


COLUMNS = [*HASHED, "hash"]
_row = Prepared(lambda deal_id, seq: Transition.objects.filter(deal_id=deal_id, seq=seq).order_by(), 0, 0)
_written = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode


def hash_of(row):
    """SHA-256 over the row's columns in canonical form; the previous row's hash is one of them."""
    return _digest([getattr(row, name) for name in HASHED])


def _digest(values):
    said = list(values)
    for place in _MOMENTS:
        said[place] = int(said[place].timestamp() * 1_000_000)
    if said[_AMOUNT] is not None:
        said[_AMOUNT] = f"{said[_AMOUNT]:.2f}"
    return hashlib.sha256(_written(said).encode()).hexdigest()


_MOMENTS, _AMOUNT = [HASHED.index(name) for name in ("happened_at", "recorded_at")], HASHED.index("amount")


def row_for(deal, kind, **given):
    """A Transition that continues the deal's chain, hashed, not yet written."""
    values = _values(deal, kind, **given)
    return Transition(**values, hash=_digest([values[name] for name in HASHED]))


def entered_at(deal, seq):
    """When the deal, as it stood after this row, had entered its stage: what was undone does not count."""
    return entered_in(ways([deal.pk])[deal.pk], seq)


def ways(deal_ids):
    """{deal id: {seq: what entered_in reads of that row}}"""
    columns = "deal_id", "seq", "kind", "from_stage_id", "to_stage_id", "happened_at"
    found = defaultdict(dict)
    rows = Transition.objects.filter(Among("deal", deal_ids)).order_by()
    for row in rows.values_list(*columns, named=True):
        found[row.deal_id][row.seq] = row
    return found


def entered_in(rows, seq):
    """The same from the rows of one deal, {seq: row}."""
    while row := rows.get(seq):
        if row.kind != Kind.UNDO and row.from_stage_id != row.to_stage_id:
            return row.happened_at
        seq -= 2 if row.kind == Kind.UNDO else 1
    return None


def line_for(deal, kind, **given):
    """The same row as its values in the order of COLUMNS, for many that are written at once."""
    values = _values(deal, kind, **given)
    line = [values[name] for name in HASHED]
    return [*line, _digest(line)]


def write(lines, columns=(), beside=None):
    """Put many rows on the ledger in one statement, and what changes of their deals `beside` where they stand.

    `beside`: {deal id: the values of `columns`}, which are among those of guard.rules.BESIDE.
    """
    if not beside:
        return inserting.insert(Transition, COLUMNS, lines)
    if connection.vendor == "postgresql":
        with _said_to_the_trigger(columns, beside):
            inserting.insert(Transition, COLUMNS, lines)
    else:
        inserting.insert(Transition, COLUMNS, lines)
        rewrite(Deal, columns, [(pk, *map(_stored, values)) for pk, values in beside.items()])


@contextmanager
def _said_to_the_trigger(columns, beside):
    """A failure takes the setting back together with the rows."""
    said = {pk: dict(zip(columns, values, strict=True)) for pk, values in beside.items()}
    _set(json.dumps(said, default=str))
    yield
    _set("")


def _set(words):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [rules.BESIDE_SETTING, words])


def _stored(value):
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _values(
    deal, kind, *, to_stage_id, to_status, prev_hash, by, now, source, version_id, loss_reason=None, **fields
):
    first = deal.seq == 0
    return {
        "deal_id": deal.pk, "seq": deal.seq + 1, "kind": kind,
        "from_stage_id": None if first else deal.stage_id, "to_stage_id": to_stage_id,
        "from_status": "" if first else deal.status, "to_status": to_status, "passed": [],
        "actor_id": by and by.pk, "source": source, "happened_at": now, "recorded_at": now,
        "owner_id": deal.owner_id, "team_id": deal.team_id, "amount": deal.amount, "currency": deal.currency,
        "version_id": version_id, "snapshot": [], "reason": "", "loss_reason_id": loss_reason and loss_reason.pk,
        "approver_id": None, "batch": "", "key": "", "prev_hash": prev_hash, **fields,
    }  # fmt: skip


def last_row(deal):
    """The deal's newest ledger row, None for a deal that has none."""
    return _row.first(deal.pk, deal.seq) if deal.seq else None


def broken_rows(rows):
    """Rows, given in order of deal and seq, whose hash or link to the row before does not match."""
    previous = None
    for row in rows:
        follows = previous is not None and previous.deal_id == row.deal_id
        expected = previous.hash if follows else ""
        if (
            row.prev_hash != expected
            or row.hash != hash_of(row)
            or row.seq != (previous.seq + 1 if follows else 1)
        ):
            yield row
        previous = row
