"""Writing ledger rows and chaining their hashes."""

import hashlib
import json

from ..models import Transition

# What a hash covers, in this order; everything that says who moved what, when, why and on what grounds.
HASHED = [
    "deal_id", "seq", "kind", "from_stage_id", "to_stage_id", "from_status", "to_status", "passed", "actor_id",
    "source", "happened_at", "recorded_at", "owner_id", "team_id", "amount", "currency", "version_id", "snapshot",
    "reason", "loss_reason_id", "approver_id", "batch", "key", "prev_hash",
]  # fmt: skip


def hash_of(row):
    """SHA-256 over the row's columns in canonical form; the previous row's hash is one of them."""
    values = [_canonical(name, getattr(row, name)) for name in HASHED]
    return hashlib.sha256(json.dumps(values, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _canonical(name, value):
    if name in ("happened_at", "recorded_at"):
        return int(value.timestamp() * 1_000_000)
    if name == "amount":
        return None if value is None else f"{value:.2f}"
    return value if value is None or isinstance(value, (int, list, dict)) else str(value)


def row_for(deal, kind, *, to_stage_id, to_status, prev_hash, by, now, source, version_id, **fields):
    """A Transition that continues the deal's chain, hashed, not yet written."""
    first = deal.seq == 0
    fields.setdefault("happened_at", now)
    row = Transition(
        deal_id=deal.pk,
        seq=deal.seq + 1,
        kind=kind,
        from_stage_id=None if first else deal.stage_id,
        to_stage_id=to_stage_id,
        from_status="" if first else deal.status,
        to_status=to_status,
        actor=by,
        source=source,
        recorded_at=now,
        owner_id=deal.owner_id,
        team_id=deal.team_id,
        amount=deal.amount,
        currency=deal.currency,
        version_id=version_id,
        prev_hash=prev_hash,
        **fields,
    )
    row.hash = hash_of(row)
    return row


def last_row(deal):
    """The deal's newest ledger row, None for a deal that has none."""
    return Transition.objects.filter(deal=deal, seq=deal.seq).first() if deal.seq else None


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
