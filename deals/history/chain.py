"""One deal's ledger, row by row: nothing altered, left out, put in or cut off, and the deal stands where it says."""

from ..models import Kind, Status
from ..moves.ledger import HASHED, hash_of
from .findings import Finding

# Read with every row in the same statement, so that a move in between is no finding.
STANDS = ["deal__seq", "deal__stage_id", "deal__status"]
COLUMNS = ["id", *HASHED, "hash", *STANDS]


def of_deal(rows, guesses):
    """Findings on one deal. `rows` are all its rows in order of seq, as named tuples of COLUMNS."""
    previous = None
    for row in rows:
        yield from _in_place(row, previous)
        yield from _unaltered(row, rows, guesses)
        previous = row
    yield from _stands(rows)


def _in_place(row, previous):
    expected = previous.seq + 1 if previous else 1
    if row.seq > expected:
        yield _lost(row.deal_id, expected, row.seq - 1)
    elif row.seq < expected:
        yield Finding("I2", "there are two rows of this number", row.deal_id, row.seq)
    if previous is None:
        return
    if row.id < previous.id:
        yield Finding("I2", "was written after the row that follows it", row.deal_id, previous.seq)
    if row.seq == expected:
        yield from _follows(row, previous)


def _lost(deal, first, last):
    said = f"row {first} is" if first == last else f"rows {first} to {last} are"
    return Finding("I2", f"{said} missing", deal)


def _follows(row, previous):
    if row.prev_hash != previous.hash:
        yield Finding("I8", "does not follow the row before it", row.deal_id, row.seq)
    for name in ("stage_id", "status"):
        came, went = getattr(row, f"from_{name}"), getattr(previous, f"to_{name}")
        if came != went:
            text = f"from_{name} is {came}, but the row before led to {went}"
            yield Finding("I3", text, row.deal_id, row.seq)


def _unaltered(row, rows, guesses):
    if row.seq == 1 and row.prev_hash:
        yield Finding("I8", "is the first, but names a row before it", row.deal_id, row.seq)
    if row.hash != hash_of(row):
        yield Finding("I8", guesses.tell(row, rows), row.deal_id, row.seq)


def _stands(rows):
    """I1, I2 and I9: what the deal says of itself is what its ledger says."""
    last = rows[-1]
    if last.deal__seq > last.seq:
        yield _lost(last.deal_id, last.seq + 1, last.deal__seq)
    elif last.deal__seq < last.seq:
        said = f"has {last.seq} rows, but the deal knows of {last.deal__seq}"
        yield Finding("I2", said, last.deal_id)
    for name, what in (("stage_id", "stage"), ("status", "status")):
        now, said = getattr(last, f"deal__{name}"), getattr(last, f"to_{name}")
        if now != said:
            yield Finding("I1", f"its {what} is {now}, but its last row says {said}", last.deal_id)
    if _archived(rows) != (last.deal__status == Status.ARCHIVED):
        said = "is archived without a row that says so" if not _archived(rows) else "was archived, but is not"
        yield Finding("I9", said, last.deal_id)


def _archived(rows):
    """By the kinds of its rows alone."""
    archived = False
    for row in rows:
        if row.kind == Kind.ARCHIVE:
            archived = True
        elif row.kind == Kind.REOPEN:
            archived = False
        elif row.kind in (Kind.IMPORT, Kind.UNDO):
            archived = row.to_status == Status.ARCHIVED
    return archived
