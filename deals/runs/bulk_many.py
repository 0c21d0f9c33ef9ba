"""Going back and archiving many deals of a run at once, where nothing hangs on one that needs a look of its own."""

import logging

from django.db import DatabaseError, connection, transaction
from django.db.models import Exists, OuterRef, Q

from pipeline.process import process_of, with_version
from team.calendar import local_date
from team.models import Organisation, remembered

from .. import moves
from ..evidence import sparing
from ..importing.landing import deepest
from ..locking import share_lock
from ..models import BulkAction, BulkItem, Deal, Firing, FiringState, Kind, MailDraft, Source, Status, Task
from ..timers import due_stored

logger = logging.getLogger(__name__)
ACTIONS = [BulkAction.BACK, BulkAction.ARCHIVE]
# Fewer are done one by one as fast.
LEAST = 10


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
        deals = _plain(run, items, pipeline_id)
        done = _moved(run, deals, pipeline_id, now) if deals else []
        BulkItem.objects.filter(pk__in=[items[pk].pk for pk in done]).update(outcome=BulkItem.Outcome.DONE)


def _plain(run, items, pipeline_id):
    """Locked deals as they were chosen, that who asked may move, without exceptions and work of rules."""
    statuses = [Status.OPEN] if run.action == BulkAction.BACK else [Status.OPEN, Status.RE_ENGAGING]
    of_rules = Task.objects.unfinished().filter(deal=OuterRef("pk"), firing__isnull=False)
    drafts = MailDraft.objects.filter(deal=OuterRef("pk"), sent_at__isnull=True, discarded_at__isnull=True)
    asked = Firing.objects.filter(deal=OuterRef("pk"), state=FiringState.ASKED)
    deals = Deal.objects.for_update().filter(pk__in=items, pipeline=pipeline_id, status__in=statuses)
    deals = deals.filter(
        ~Q(Exists(of_rules.order_by())), ~Q(Exists(drafts.order_by())), ~Q(Exists(asked.order_by()))
    )
    deals = deals.filter(exception_until__isnull=True).order_by("pk")
    return [deal for deal in deals if deal.seq == items[deal.pk].seen_seq and moves.may_edit(run.by, deal)]


def _moved(run, deals, pipeline_id, now):
    """Ids of the deals that moved."""
    context = {
        "by": run.by, "now": now, "source": Source.BULK, "batch": f"bulk-{run.pk}", "reason": run.arguments["reason"],
    }  # fmt: skip
    if run.action == BulkAction.ARCHIVE:
        gone = moves.move_many([deal.pk for deal in deals], Kind.ARCHIVE, **context)
        due_stored.follow_many(Deal.objects.filter(pk__in=gone))
        return gone
    process = process_of(with_version(pipeline_id))
    if sparing.criteria(process):  # going back may end what spares a deal
        return []
    wanted = {deal.pk: deal.stage_id for deal in deals if deal.stage_id in process}
    found = deepest(process, wanted, local_date(now, Organisation.current()))
    to = {pk: stage_id for pk, stage_id in found.items() if stage_id != wanted[pk]}
    return moves.move_many(list(to), Kind.BACK, to=to, **context)
