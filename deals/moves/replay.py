"""Whole lives of deals put on the ledger at once, each hop on its own day, judged by the same gate.

For the demo, benchmarks and histories that come in whole. What happens now goes through the verbs. A hop whose gate
does not hold by the answers on record is refused like any other, and the guard watches every row.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from ..evidence.facts_query import facts_query
from ..gate import Judgement, Reading, snapshot
from ..locking import share_lock
from ..models import Answer, Deal, GateRefusal, Kind, LossReason, Source, Transition
from . import ledger
from .create import first_row, unsaved
from .door import Context
from .errors import GateClosed

_CHUNK = 200
_GATED = {Kind.ADVANCE, Kind.WIN}
_METHODS = {Kind.WIN: "win", Kind.LOSE: "lose", Kind.ARCHIVE: "archive", Kind.RE_ENGAGE: "re_engage"}
_COLUMNS = ["stage_entered_at", "closed_at", "loss_reason"]


@dataclass
class Hop:
    """One move of one deal. `to` is a stage id where the stage changes; `process` was in force at the time."""

    deal: Deal
    kind: str
    at: datetime
    today: object
    by: object
    process: object
    to: int | None = None
    reason: str = ""
    loss_reason: LossReason | None = None
    source: str = Source.PAGE


class GivenReading(Reading):
    """A Reading of what was fetched for many deals at once."""

    def __init__(self, deal, process, today, answers, facts):
        self.deal, self.process, self.today = deal, process, today
        self.answers, self.facts, self.spared = answers, facts, {}  # nobody is spared what is replayed


@transaction.atomic
def begin_many(process, specifications, *, source=Source.PAGE):
    """Make deals as create does, each on the day its specification's `at` says, by its owner. Returns them in order."""
    share_lock(process.pipeline_id)
    columns = [dict(specification) for specification in specifications]
    deals = Deal.objects.bulk_create([unsaved(process, now=each.pop("at"), **each) for each in columns])
    rows = [
        first_row(deal, process, Context(by=deal.owner, now=deal.created_at, source=source)) for deal in deals
    ]
    Transition.objects.bulk_create(rows)
    for deal, row in zip(deals, rows, strict=True):
        deal.seq, deal.last_hash = 1, row.hash
    return deals


@transaction.atomic
def replay_many(hops):
    """Write one hop each of many deals. GateClosed at the first whose gate does not hold; then none is written."""
    readings = readings_of([hop for hop in hops if hop.kind in _GATED])
    rows = [_moved(hop, readings.get(hop.deal.pk)) for hop in hops]
    Transition.objects.bulk_create(rows)
    for hop, row in zip(hops, rows, strict=True):
        hop.deal.seq, hop.deal.last_hash = row.seq, row.hash
    write_columns([hop.deal for hop in hops], _COLUMNS)


def refuse_many(hops):
    """Put on record that these hops were asked for and refused. Raises where a gate would have held."""
    readings, rows = readings_of(hops), []
    for hop in hops:
        judgement = _judgement(hop, readings[hop.deal.pk])
        if judgement.holds:
            raise ValueError(f"the gate of {hop.deal} holds, nothing is refused")
        open_ones = [finding.criterion_id for finding in judgement.open]
        rows.append(
            GateRefusal(
                deal=hop.deal,
                at=hop.at,
                actor=hop.by,
                from_stage_id=hop.deal.stage_id,
                to_stage_id=hop.to,
                criteria=open_ones,
                source=hop.source,
            )  # fmt: skip
        )
    GateRefusal.objects.bulk_create(rows)


def _judgement(hop, reading):
    return reading.for_move(hop.to if hop.kind == Kind.ADVANCE else None)


def _moved(hop, reading):
    """The ledger row of a hop, with its deal moved in memory as the machine allows."""
    deal, process = hop.deal, hop.process
    judgement = _judgement(hop, reading) if hop.kind in _GATED else Judgement()
    if not judgement.holds:
        raise GateClosed(deal, process.stage(hop.to) if hop.to else None, judgement)
    to = process.last.stage_id if hop.kind == Kind.WIN else hop.to or deal.stage_id
    passed = _passed(process, deal.stage_id, to) if hop.kind in _GATED else []
    before = (deal.stage_id, deal.status)
    deal.judgement = judgement
    _fire(hop, to)
    row = ledger.row_for(
        _Before(deal, *before), hop.kind, to_stage_id=deal.stage_id, to_status=deal.status, prev_hash=deal.last_hash,
        by=hop.by, now=hop.at, source=hop.source, version_id=process.version.pk, passed=passed,
        snapshot=snapshot(deal, judgement.findings), reason=hop.reason, loss_reason=hop.loss_reason,
    )  # fmt: skip
    _dated(hop, before[0])
    return row


class _Before:
    """A deal as it stood before the hop, for the row's `from` side."""

    def __init__(self, deal, stage_id, status):
        self._deal, self.stage_id, self.status = deal, stage_id, status

    def __getattr__(self, name):
        return getattr(self._deal, name)


def _passed(process, left, to):
    return [stage.stage_id for stage in process.stages[process.index(left) + 1 : process.index(to)]]


def _fire(hop, to):
    """Let the state machine say whether this is legal from here."""
    if hop.kind == Kind.ADVANCE:
        hop.deal.enter(to)
        return
    getattr(hop.deal, _METHODS[hop.kind])()
    if hop.deal.stage_id != to:
        hop.deal.stand_in(to)


def _dated(hop, left):
    deal = hop.deal
    if deal.stage_id != left:
        deal.stage_entered_at = hop.at
    if not deal.is_live:
        deal.closed_at, deal.loss_reason = hop.at, hop.loss_reason


def readings_of(hops):
    """{deal id: Reading as of the hop's day}, a few queries for each process and chunk."""
    found, groups = {}, {}
    for hop in hops:
        groups.setdefault(hop.process.version.pk, []).append(hop)
    for group in groups.values():
        for start in range(0, len(group), _CHUNK):
            found.update(_readings_of_one(group[start : start + _CHUNK]))
    return found


def _readings_of_one(hops):
    process, days = hops[0].process, {hop.deal.pk: hop.today for hop in hops}
    answers, facts = {pk: {} for pk in days}, facts_query(process).of(days)
    current = Answer.objects.current().filter(deal__in=days)
    for answer in current.select_related("activity", "contact", "person"):
        answers[answer.deal_id][answer.criterion_id] = answer
    return {
        hop.deal.pk: GivenReading(hop.deal, process, hop.today, answers[hop.deal.pk], facts[hop.deal.pk])
        for hop in hops
    }


def write_columns(deals, names):
    """Save the named columns of many deals in one prepared statement; none of those the ledger moves."""
    fields = [Deal._meta.get_field(name) for name in names]
    said = ", ".join(f"{connection.ops.quote_name(field.column)} = %s" for field in fields)
    values = [
        [*(field.get_db_prep_save(getattr(deal, field.attname), connection) for field in fields), deal.pk]
        for deal in deals
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Deal._meta.db_table} SET {said} WHERE id = %s", values)  # noqa: S608  names of our own columns
