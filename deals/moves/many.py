"""Moving many deals at once, for what needs no gate. Same ledger, same guard, a few statements a chunk."""

from django.db import connection, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from pipeline.models import Pipeline
from pipeline.process import process_of, with_version
from team.calendar import local_date
from team.models import Organisation

from .. import counts
from ..locking import share_lock
from ..models import Deal, Kind, Source, Status, Transition
from ..rows.among import Among
from ..timers import due_stored
from ..waiving import waivers
from . import ledger
from .create import first_row, unsaved
from .door import Context, next_owner_id

# No less than a sweep claims at a time.
_CHUNK = 2500
# What a ledger row says of its deal, and what moving it asks.
_READ = [
    "pk", "seq", "stage_id", "status", "owner_id", "team_id", "amount", "currency", "pipeline_id", "exception_until",
]  # fmt: skip
_LIVE = [Status.OPEN, Status.RE_ENGAGING, Status.PAUSED]
LEADS_TO = {Kind.ARCHIVE: Status.ARCHIVED, Kind.RE_ENGAGE: Status.RE_ENGAGING}
_FROM = {Kind.ARCHIVE: _LIVE, Kind.RE_ENGAGE: [Status.OPEN], Kind.REMAP: _LIVE, Kind.BACK: [Status.OPEN]}


def move_many(
    ids,
    kind,
    *,
    by=None,
    now=None,
    source=Source.RULE,
    reason="",
    loss_reason=None,
    batch="",
    to=None,
    due=None,
):
    """Archive or re-engage the given deals that may still do so, or remap them to the stage whose id `to` is.

    `reason` is text, or a function that gives it for a deal. Returns the ids moved.
    `due`: {deal id: (when something is due for it then, the id of that rule)}; an archived deal has nothing due.
    A remap keeps the status; it is for deals of a stage that a publication took away.
    Going back: `to` is {deal id: id of an earlier stage}. The deals are of one pipeline, which is share-locked.
    """
    context = Context(by=by, now=now or timezone.now(), source=source, batch=batch)
    moved = []
    for start in range(0, len(ids), _CHUNK):
        moved += _move_chunk(ids[start : start + _CHUNK], kind, context, reason, loss_reason, to, due)
    return moved


@transaction.atomic
def _move_chunk(ids, kind, context, reason, loss_reason, to, due):
    deals = Deal.objects.select_for_update().filter(Among("pk", ids), status__in=_FROM[kind]).order_by("pk")
    deals = list(deals if kind == Kind.BACK else deals.values_list(*_READ, named=True))
    if not deals:
        return []
    hashes = newest_hashes([deal.pk for deal in deals])
    versions = _versions(deals)
    ledger.write([
        ledger.line_for(
            deal, kind, to_stage_id=_target(to, deal), to_status=LEADS_TO.get(kind, deal.status),
            prev_hash=hashes[deal.pk], by=context.by, now=context.now, source=context.source,
            version_id=versions[deal.pipeline_id], batch=context.batch,
            reason=reason(deal) if callable(reason) else reason, loss_reason=loss_reason,
        )
        for deal in deals
    ], *_beside(deals, kind, context, loss_reason, due))  # fmt: skip
    if kind == Kind.BACK:
        settle_many(deals, to, context.now)
    if kind == Kind.ARCHIVE:
        waivers.end_many(deals, context.now)
    return [deal.pk for deal in deals]


_DUE = ["next_due_at", "next_due_rule_id"]
_CLOSED = ["closed_at", "loss_reason_id", "exception_until", *_DUE]


def _beside(deals, kind, context, loss_reason, due):
    """What else the move changes of the deals, for ledger.write."""
    if kind == Kind.ARCHIVE:
        closed = [context.now, loss_reason and loss_reason.pk, None, None, None]
        return _CLOSED, {deal.pk: closed for deal in deals}
    if kind in (Kind.REMAP, Kind.BACK):
        return ["stage_entered_at"], {deal.pk: [context.now] for deal in deals}
    return _DUE, {deal.pk: due[deal.pk] for deal in deals} if due else {}


def _target(to, deal):
    return to[deal.pk] if isinstance(to, dict) else to or deal.stage_id


def settle_many(deals, to, now):
    """What settling one deal brings with it: who acts next in the stage it now stands in, the counts, what is due.

    `deals` are as they stood before, of one pipeline; `to` {deal id: the stage}.
    """
    process = process_of(with_version(deals[0].pipeline_id))
    for deal in deals:
        left, was = deal.stage_id, deal.next_owner_id
        deal.stand_in(to[deal.pk])
        if next_owner_id(deal, process, left) != was:
            Deal.objects.filter(pk=deal.pk).update(next_owner=next_owner_id(deal, process, left))
    moved = Deal.objects.filter(pk__in=[deal.pk for deal in deals])
    moved.update(rev=F("rev") + 1)
    counts.recount(process, local_date(now, Organisation.current()), moved)
    due_stored.follow_many(moved)


def newest_hashes(deal_ids):
    """{deal id: hash of its newest ledger row}, without a deal that lacks it: nothing is written after a gap.

    Each is looked up for itself: a join would read every deal there is.
    """
    newest = Transition.objects.filter(deal=OuterRef("pk"), seq=OuterRef("seq")).order_by()
    deals = Deal.objects.filter(Among("pk", deal_ids)).annotate(hash=Subquery(newest.values("hash")))
    return {pk: found for pk, found in deals.order_by().values_list("pk", "hash") if found is not None}


def _versions(deals):
    return dict(
        Pipeline.objects.filter(pk__in={deal.pipeline_id for deal in deals}).values_list("pk", "version_id")
    )


@transaction.atomic
def create_many(process, specifications, *, by, now, source=Source.IMPORT, batch=""):
    """Make many deals at once. Each specification: columns of Deal plus `at` (the moment it was created).

    Returns the deals, in order, each with its create row on the ledger.
    """
    share_lock(process.pipeline_id)
    deals = []
    for specification in specifications:
        columns = dict(specification)
        deals.append(unsaved(process, now=columns.pop("at", now), known_since=now, **columns))
    deals = Deal.objects.bulk_create(deals)
    rows = []
    for deal in deals:
        context = Context(by=by, now=now, source=source, batch=batch)
        rows.append(first_row(deal, process, context, happened_at=deal.created_at))
    Transition.objects.bulk_create(rows)
    for deal, row in zip(deals, rows, strict=True):
        deal.seq, deal.first_hash = 1, row.hash
    return deals


@transaction.atomic
def land_many(process, landings, *, by, now, batch, source=Source.IMPORT):
    """Put imported deals where the other system had them.

    `landings`: (deal, stage id, status, at, loss reason), perhaps with the other system's words for why it ended.
    Only for deals that create_many just made: `import` is the second row of a deal or none.
    """
    rows = []
    for deal, stage_id, status, at, loss_reason, *words in landings:
        row = ledger.row_for(
            deal, Kind.IMPORT, to_stage_id=stage_id, to_status=status, prev_hash=deal.first_hash, by=by, now=now,
            source=source, version_id=process.version.pk, batch=batch, happened_at=at, loss_reason=loss_reason,
            reason=words[0] if words else "",
        )  # fmt: skip
        rows.append(row)
    Transition.objects.bulk_create(rows)
    _write_landings(landings)
    return rows


def _write_landings(landings):
    """Where and when each deal landed, in one prepared statement: 500 updates through the ORM take half the import."""
    columns = [
        Deal._meta.get_field(name) for name in ["landed_in", "stage_entered_at", "closed_at", "loss_reason"]
    ]
    values = []
    for deal, stage_id, status, at, loss_reason, *_words in landings:
        row = [stage_id, at, at if status != Status.OPEN else None, loss_reason.pk if loss_reason else None]
        prepared = zip(columns, row, strict=True)
        values.append([*(field.get_db_prep_save(value, connection) for field, value in prepared), deal.pk])
    said = ", ".join(f"{connection.ops.quote_name(field.column)} = %s" for field in columns)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Deal._meta.db_table} SET {said} WHERE id = %s", values)  # noqa: S608


def recount_made(process, deals, today):
    """Write the stored counts of deals made by create_many."""
    made = Deal.objects.filter(pk__in=[deal.pk for deal in deals])
    due_stored.follow_many(made)
    return counts.recount(process, today, made)
