"""Going back, archiving and undoing many deals of a run at once, where none of them needs a look of its own."""

import logging
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q

from pipeline.process import process_of, with_version
from team.calendar import local_date
from team.models import Organisation, remembered

from .. import moves
from ..evidence import sparing
from ..importing.landing import deepest
from ..locking import share_lock
from ..models import (
    BulkAction,
    BulkItem,
    CancelledWhy,
    Deal,
    Firing,
    FiringState,
    GateException,
    Kind,
    MailDraft,
    Source,
    Status,
    Task,
    Transition,
)
from ..timers import due_stored

logger = logging.getLogger(__name__)
ACTIONS = [BulkAction.BACK, BulkAction.ARCHIVE, BulkAction.UNDO]
# Fewer are done one by one as fast.
LEAST = 10
_FROM = {
    BulkAction.BACK: [Status.OPEN],
    BulkAction.ARCHIVE: [Status.OPEN, Status.RE_ENGAGING],
    BulkAction.UNDO: [Status.OPEN, Status.ARCHIVED],
}


def work(run, item_ids, now):
    """Do those of these items that are plain, in one transaction; the others stay for the run to do one by one."""
    if run.action not in ACTIONS or len(item_ids) < LEAST:
        return
    try:
        with transaction.atomic(), remembered():
            _work(run, item_ids, now)
    except DatabaseError:
        logger.exception("a chunk of bulk run %s", run.pk)  # one by one says which deal it is


def _work(run, item_ids, now):
    waiting = BulkItem.objects.filter(pk__in=item_ids, outcome="").order_by("pk")
    if connection.features.has_select_for_update:
        waiting = waiting.select_for_update(skip_locked=True, of=("self",))
    items = {item.deal_id: item for item in waiting}
    pipelines = set(
        Deal.objects.filter(pk__in=items).order_by().values_list("pipeline", flat=True).distinct()
    )
    for pipeline_id in sorted(pipelines):
        share_lock(pipeline_id)
        deals = [deal for deal in _plain(run, items, pipeline_id) if moves.may_edit(run.by, deal)]
        done = _ACTS[run.action](run, deals, pipeline_id, now) if deals else []
        BulkItem.objects.filter(pk__in=[items[pk].pk for pk in done]).update(outcome=BulkItem.Outcome.DONE)


def _plain(run, items, pipeline_id):
    """Locked deals as they were chosen, without exceptions and work of rules."""
    of_rules = Task.objects.unfinished().filter(deal=OuterRef("pk"), firing__isnull=False)
    drafts = MailDraft.objects.filter(deal=OuterRef("pk"), sent_at__isnull=True, discarded_at__isnull=True)
    asked = Firing.objects.filter(deal=OuterRef("pk"), state=FiringState.ASKED)
    deals = Deal.objects.for_update().filter(
        pk__in=items, pipeline=pipeline_id, status__in=_FROM[run.action], exception_until__isnull=True
    )
    deals = deals.filter(*(~Q(Exists(rows.order_by())) for rows in (of_rules, drafts, asked))).order_by("pk")
    if run.action == BulkAction.UNDO:  # those that moved since say so one by one
        return list(_took_nothing_along(deals, run.undoes))
    return [deal for deal in deals if deal.seq == items[deal.pk].seen_seq]


def _took_nothing_along(deals, run):
    """Those whose move ended no exception, task or draft that its undo has to bring back."""
    of_deal = {"deal": OuterRef("pk")}
    tasks = Task.objects.filter(
        **of_deal, cancelled_at__gte=run.asked_at, cancelled_why__in=[CancelledWhy.CLOSED, CancelledWhy.MOVED]
    )
    drafts = MailDraft.objects.filter(**of_deal, discarded_at__gte=run.asked_at)
    waived = GateException.objects.filter(**of_deal, ended_at__gte=run.asked_at)
    return deals.filter(*(~Q(Exists(rows.order_by())) for rows in (tasks, drafts, waived)))


def _context(run, now):
    return {"by": run.by, "now": now, "source": Source.BULK, "batch": f"bulk-{run.pk}"}


def _archive(run, deals, pipeline_id, now):
    """Ids of the deals that moved, as of the other acts."""
    reason = run.arguments["reason"]
    gone = moves.move_many([deal.pk for deal in deals], Kind.ARCHIVE, reason=reason, **_context(run, now))
    due_stored.follow_many(Deal.objects.filter(pk__in=gone))
    return gone


def _back(run, deals, pipeline_id, now):
    process = process_of(with_version(pipeline_id))
    if sparing.criteria(process):  # going back may end what spares a deal
        return []
    wanted = {deal.pk: deal.stage_id for deal in deals if deal.stage_id in process}
    found = deepest(process, wanted, local_date(now, Organisation.current()))
    to = {pk: stage_id for pk, stage_id in found.items() if stage_id != wanted[pk]}
    return moves.move_many(list(to), Kind.BACK, to=to, reason=run.arguments["reason"], **_context(run, now))


def _undo(run, deals, pipeline_id, now):
    process = process_of(with_version(pipeline_id))
    if sparing.criteria(process):
        return []
    rows = Transition.objects.filter(
        deal__in=[deal.pk for deal in deals], seq=F("deal__seq"), batch=f"bulk-{run.undoes_id}",
        kind__in=moves.TOGETHER, recorded_at__gte=now - timedelta(days=moves.UNDO_DAYS),
    )  # fmt: skip
    last = {row.deal_id: row for row in rows.order_by() if row.from_stage_id in process}
    found = [deal for deal in deals if deal.pk in last]
    if found:
        moves.undo_many(found, last, moves.Context(**_context(run, now)))
    return list(last)


_ACTS = {BulkAction.ARCHIVE: _archive, BulkAction.BACK: _back, BulkAction.UNDO: _undo}
