"""Undoing the last move of many deals at once, where nothing else was taken away with it. Same ledger, same guard."""

from django.db import transaction
from django.utils.translation import gettext as _

from pipeline.process import process_of, with_version

from ..models import Kind
from . import ledger
from .many import settle_many

# What may be undone together.
TOGETHER = [Kind.BACK, Kind.ARCHIVE]
_COLUMNS = ["stage_entered_at", "closed_at", "loss_reason_id"]


@transaction.atomic
def undo_many(deals, last, context):
    """Take back the newest ledger row of each deal.

    `deals`: locked, of one pipeline, which is share-locked, without exceptions and work of rules. `last`: {deal id: its
    newest row}, of one of the kinds TOGETHER; it ended no exception, task or draft: those come back one by one.
    """
    version_id = process_of(with_version(deals[0].pipeline_id)).version.pk
    entered = _entered(deals, last, context.now)
    ledger.write([
        ledger.line_for(
            deal, Kind.UNDO, to_stage_id=last[deal.pk].from_stage_id, to_status=last[deal.pk].from_status,
            prev_hash=last[deal.pk].hash, by=context.by, now=context.now, source=context.source,
            version_id=version_id, batch=context.batch, reason=_("Undid: %s") % last[deal.pk].get_kind_display(),
        )
        for deal in deals
    ], _COLUMNS, {deal.pk: [entered[deal.pk], None, None] for deal in deals})  # fmt: skip
    settle_many(deals, {deal.pk: last[deal.pk].from_stage_id for deal in deals}, context.now)


def _entered(deals, last, now):
    """{deal id: when it had entered the stage it goes to, or stays in}"""
    found = {deal.pk: deal.stage_entered_at for deal in deals}
    moved = [deal for deal in deals if last[deal.pk].kind == Kind.BACK]
    rows = ledger.ways([deal.pk for deal in moved])
    return found | {deal.pk: ledger.entered_in(rows[deal.pk], deal.seq - 1) or now for deal in moved}
