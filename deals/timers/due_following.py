"""Clocks that follow a publication right after it, where there are too many to be set in its transaction.

A row says for which stages, and how far it is (ClocksToFollow). Deals are looked at in the order of their ids, so many
in one short transaction, by whichever tick or worker comes first; where one is cut off, the next goes on. Meanwhile
nothing fires by the old process: the sweep works out anew what is due for a deal it has locked, and archives of the
pipeline wait, so that their number is judged when it is known.
"""

import logging
import time

from django.db import InterfaceError, OperationalError, transaction

from pipeline.process import process_of, with_version
from team.models import remembered

from ..locking import share_lock
from ..models import ClocksToFollow, Deal
from ..rows.among import Among
from . import due_together

logger = logging.getLogger(__name__)
# So many are set in the publication's own transaction at most.
MOST = 5_000
CHUNK = 5_000
# One tick spends no more on it.
SECONDS = 60

# Called without arguments after the commit of a publication that leaves clocks to be set. See automations.apps.
callers = []


def leave(pipeline_id, stages, now):
    """Have the clocks of the deals in these stages follow. In the transaction of a publication.

    What an earlier publication left is begun anew with it. Whatever is in hand by the old process ends first, as if the
    clocks were written here.
    """
    before = ClocksToFollow.objects.filter(pipeline=pipeline_id).values_list("stages", flat=True).first()
    stages = sorted({*stages, *(before or ())})
    due = _of(stages).filter(next_due_at__lte=now).for_update().order_by("pk")
    list(due.values_list("pk", flat=True))
    columns = {"stages": stages, "deals": _of(stages).count(), "done": 0, "after": 0, "since": now}
    ClocksToFollow.objects.update_or_create(pipeline_id=pipeline_id, defaults=columns)
    for caller in callers:
        transaction.on_commit(caller, robust=True)


def left():
    """What is still to follow, of each pipeline."""
    return ClocksToFollow.objects.select_related("pipeline").order_by("since")


def go_on(seconds=SECONDS):
    """Set the clocks that are to follow, for so long. Returns how many deals were looked at.

    Safe from several processes at once: what one has in hand the others leave to it.
    """
    until = time.monotonic() + seconds
    waiting = ClocksToFollow.objects.order_by("since").values_list("pipeline_id", flat=True)
    return sum(_go_on_alone(pipeline_id, until) for pipeline_id in list(waiting))


def _go_on_alone(pipeline_id, until):
    """One pipeline that cannot be read keeps its clocks, and nobody else's."""
    try:
        return _go_on(pipeline_id, until)
    except (OperationalError, InterfaceError):
        raise  # the database is away or busy: the next tick heals
    except Exception:
        logger.exception("the clocks of pipeline %s could not follow", pipeline_id)
        return 0


def _go_on(pipeline_id, until):
    done, known = 0, {}
    while (looked := _chunk(pipeline_id, known)) is not None:
        done += looked
        if time.monotonic() > until:
            break
    return done


@remembered(anew=True)  # a calendar may change between two chunks
@transaction.atomic
def _chunk(pipeline_id, known):
    """How many deals, None where nothing is left or another process has it in hand.

    A publication holds the pipeline alone, so none comes in between; moves and activities wait for their deal.
    """
    share_lock(pipeline_id)
    row = ClocksToFollow.objects.select_for_update(skip_locked=True).filter(pipeline=pipeline_id).first()
    if row is None:
        return None
    deals = _of(row.stages).filter(pk__gt=row.after).for_update().order_by("pk")
    ids = list(deals.values_list("pk", flat=True)[:CHUNK])
    process = process_of(with_version(pipeline_id))
    if ids:
        deals = Deal.objects.filter(Among("pk", ids))
        due_together.follow(deals, process, known=known, between=(ids[0], ids[-1]))
    if len(ids) < CHUNK:
        row.delete()
    else:
        row.after, row.done = ids[-1], row.done + len(ids)
        row.save(update_fields=["after", "done"])
    return len(ids)


def _of(stages):
    return Deal.objects.made().live().filter(stage_id__in=stages)
