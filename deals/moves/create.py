"""Creating deals: at the entry stage, with their first ledger row, one by one or many at once."""

from django.db import transaction
from django.utils import timezone

from pipeline.process import process_of, with_version

from ..locking import share_lock
from ..models import Deal, Kind, Source, Status
from ..settle import settle
from . import ledger
from .door import Context


@transaction.atomic
def create(*, by, pipeline, name, company, owner, team, now=None, source=Source.PAGE, **fields):
    """Make a deal at its pipeline's entry stage. `fields` are columns of Deal. Returns the deal."""
    context = Context(by=by, now=now or timezone.now(), source=source)
    share_lock(pipeline.pk)
    pipeline = with_version(pipeline.pk)
    process = process_of(pipeline)
    deal = unsaved(process, name=name, company=company, owner=owner, team=team, now=context.now, **fields)
    deal.save(force_insert=True)
    first_row(deal, process, context).save(force_insert=True)
    deal.seq = 1
    settle(deal, process, context.now)
    return deal


def unsaved(process, *, owner, now, next_owner=None, amount=None, **fields):
    """A Deal as T1 wants it: entry stage, open, seq 0."""
    entry = process.entry
    return Deal(
        pipeline_id=process.pipeline_id,
        stage_id=entry.stage_id,
        owner=owner,
        next_owner=next_owner or owner,
        amount=amount,
        amount_base=fields.pop("amount_base", amount or 0),
        created_at=now,
        stage_entered_at=now,
        counts_as_pipeline=entry.counts_as_pipeline,
        probability=entry.probability,
        **fields,
    )


def first_row(deal, process, context, **fields):
    """The create row of a deal that is in the table with seq 0. `fields` may say when it really happened."""
    return ledger.row_for(
        deal,
        Kind.CREATE,
        to_stage_id=deal.stage_id,
        to_status=Status.OPEN,
        prev_hash="",
        by=context.by,
        now=context.now,
        source=context.source,
        version_id=process.version.pk,
        batch=context.batch,
        **fields,
    )
