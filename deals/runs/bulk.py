"""One act on many deals: asked once, then worked off through the door: the plain ones of a chunk together
(bulk_many.py), each other one in a transaction of its own.

A deal's outcome is written in the transaction that moves it, so a run that is cut off goes on where it stopped and
two who work on one run never do a deal twice.
"""

import logging
import time
import uuid
from datetime import date, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import BigIntegerField, CharField, Exists, OuterRef, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.models import Stage
from pipeline.process import process_of, with_version
from team import formats
from team.calendar import local_date
from team.models import Organisation, User
from team.notices import tell

from .. import edits, moves
from ..gate import Reading
from ..locking import locked_deal
from ..models import REVERSIBLE, BulkAction, BulkItem, BulkRun, Deal, Source
from ..moves import ledger
from . import bulk_many

logger = logging.getLogger(__name__)
AT_MOST = 500
CHUNK = 500
DONE, REFUSED = BulkItem.Outcome.DONE, BulkItem.Outcome.REFUSED
_REFUSALS = (moves.MoveRefused, edits.Unfit, edits.StaleEdit, Deal.DoesNotExist)


@transaction.atomic
def ask(action, arguments, chosen, *, by, token, now):
    """Put a run on record. `chosen`: (deal id, the seq that was seen). The same token again gives the run there is."""
    run, made = BulkRun.objects.get_or_create(
        token=token, defaults={"action": action, "arguments": arguments, "by": by, "asked_at": now}
    )
    if made:
        items = [BulkItem(run=run, deal_id=deal_id, seen_seq=seq) for deal_id, seq in chosen]
        BulkItem.objects.bulk_create(items, batch_size=AT_MOST)
    return run


@transaction.atomic
def ask_all(action, arguments, deals, *, by, token, now, undoes=None):
    """The same for all deals of a query, however many, as they stand now."""
    run, made = BulkRun.objects.get_or_create(
        token=token,
        defaults={"action": action, "arguments": arguments, "by": by, "asked_at": now, "undoes": undoes},
    )
    if made:
        rows = deals.order_by().values_list(
            Cast(Value(run.pk), BigIntegerField()),
            "pk",
            "seq",
            Cast(Value(""), CharField()),
            Cast(Value(""), TextField()),
        )
        sql, parameters = rows.query.sql_with_params()
        columns = "run_id, deal_id, seen_seq, outcome, message"
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {BulkItem._meta.db_table} ({columns}) {sql}", parameters)
    return run


def can_undo(run, now):
    """Whether everything this run moved can still be asked to go where it came from."""
    in_time = now - run.asked_at <= timedelta(days=moves.UNDO_DAYS)
    return (
        run.action in REVERSIBLE and run.finished_at is not None and in_time and not hasattr(run, "undone_by")
    )


def undo(run, *, by, now):
    """Put on record that the whole run is taken back. Returns the run that does it; the same one when asked again."""
    if hasattr(run, "undone_by"):
        return run.undone_by
    if not can_undo(run, now):
        raise moves.IllegalMove(
            _("This cannot be undone: it is under way still, or more than %d days ago.") % moves.UNDO_DAYS
        )
    moved = Deal.objects.filter(Exists(run.items.filter(deal=OuterRef("pk"), outcome=DONE).order_by()))
    token = uuid.uuid5(run.token, "undo")
    return ask_all(BulkAction.UNDO, {}, moved, by=by, token=token, now=now, undoes=run)


def work_off(run, now, seconds):
    """Do what of a run is still to be done, for so long; at least one deal. Returns how many are left."""
    until = time.monotonic() + seconds
    waiting = run.items.filter(outcome="").order_by("pk").values_list("pk", flat=True)
    last = 0
    while chunk := list(waiting.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1]
        bulk_many.work(run, chunk, now)
        for pk in list(waiting.filter(pk__in=chunk)):
            _safely(run, pk, now)
            if time.monotonic() > until:
                break
        if time.monotonic() > until:
            break
    left = run.items.filter(outcome="").count()
    if not left:
        BulkRun.objects.filter(pk=run.pk, finished_at__isnull=True).update(finished_at=now)
    return left


def go_on(now, seconds=20):
    """Runs nobody stayed for, as the tick does them; whoever asked is told. Returns how many came to their end."""
    until, ended = time.monotonic() + seconds, 0
    for run in BulkRun.objects.filter(finished_at__isnull=True).select_related("by").order_by("pk"):
        if not work_off(run, now, until - time.monotonic()):
            tell([run.by], in_words(run), key=f"bulk-{run.pk}", url=f"/bulk/{run.pk}/", now=now)
            ended += 1
        if time.monotonic() > until:
            break
    return ended


def title(run):
    """What was asked for, such as “Move to Propose”."""
    given = run.arguments
    if run.action == BulkAction.MOVE:
        return _("Move to %s") % Stage.objects.get(pk=given["to"]).name
    if run.action == BulkAction.BACK:
        return _("Move back to what is proven: %s") % given["reason"]
    if run.action == BulkAction.UNDO:
        return _("Undo: %s") % title(run.undoes)
    if run.action == BulkAction.REASSIGN:
        return _("Hand over to %s") % User.objects.get(pk=given["owner"]).name
    if run.action == BulkAction.NEXT_STEP:
        return _("Next step: %(what)s, %(day)s") % {
            "what": given["next_step"], "day": formats.day(date.fromisoformat(given["next_step_on"])),
        }  # fmt: skip
    return _("Archive: %s") % given["reason"]


def in_words(run):
    """ "Move to Propose: 30 deals done, 20 refused." """
    done, refused = (run.items.filter(outcome=outcome).count() for outcome in (DONE, REFUSED))
    said = ngettext("%d deal done", "%d deals done", done) % done
    return _("%(what)s: %(done)s, %(refused)d refused.") % {
        "what": title(run), "done": said, "refused": refused,
    }  # fmt: skip


def _safely(run, item_id, now):
    """Nothing that one deal does keeps the others waiting for ever."""
    try:
        with transaction.atomic():
            _work(run, item_id, now)
    except (OperationalError, InterfaceError):
        raise  # the database is away or busy: the next attempt heals
    except Exception:
        logger.exception("item %s of bulk run %s", item_id, run.pk)
        said = _("This could not be done; an admin has to look.")
        BulkItem.objects.filter(pk=item_id, outcome="").update(outcome=REFUSED, message=said)


def _work(run, item_id, now):
    """One deal, if nobody else is at it. Each act rolls back by itself, so that its refusal stays on record."""
    waiting = BulkItem.objects.filter(pk=item_id, outcome="")
    if connection.features.has_select_for_update:
        waiting = waiting.select_for_update(skip_locked=True, of=("self",))
    item = waiting.first()
    if item is None:
        return
    try:
        _ACTS[run.action](run, item, now)
        item.outcome = DONE
    except _REFUSALS as refusal:
        item.outcome, item.message = REFUSED, "\n".join(why(refusal))
    item.save(update_fields=["outcome", "message"])


def why(refusal):
    """What kept the deal from it, a sentence each."""
    if isinstance(refusal, moves.GateClosed):
        return [
            f"{f.definition.label}: {f.why}" if f.why else f.definition.label for f in refusal.open_criteria
        ]
    if isinstance(refusal, moves.StaleDeal):
        return [_meanwhile(refusal.last)]
    if isinstance(refusal, (moves.MissingInput, edits.Unfit)):
        return [str(words) for words in refusal.fields.values()]
    if isinstance(refusal, Deal.DoesNotExist):
        return [_("This deal is not there any more.")]
    return [str(refusal)]


def _meanwhile(last):
    who = last.actor.name if last and last.actor else _("Headgate")
    what = last.get_kind_display() if last else _("changed")
    return _("Changed since you chose it, by %(who)s: %(what)s. Look at it and choose again.") % {
        "who": who, "what": what,
    }  # fmt: skip


def _move(run, item, now):
    given = run.arguments
    moves.move(
        item.deal_id, given["to"], seen_seq=item.seen_seq, by=run.by, reason=given.get("reason", ""),
        **_context(run, now),
    )  # fmt: skip


def _archive(run, item, now):
    moves.archive(
        item.deal_id, seen_seq=item.seen_seq, by=run.by, reason=run.arguments["reason"], **_context(run, now)
    )


@transaction.atomic
def _back(run, item, now):
    """To the deepest stage whose gates hold when its turn has come."""
    deal = _seen(item)
    process = process_of(with_version(deal.pipeline_id))
    limit = deal.stage_id if deal.stage_id in process else process.last.stage_id
    to = Reading(deal, process, local_date(now, Organisation.current())).deepest(limit)
    if to == deal.stage_id:
        raise moves.IllegalMove(_("Everything before its stage holds; there is nothing to move back."))
    moves.back(
        deal.pk,
        to=to,
        seen_seq=item.seen_seq,
        by=run.by,
        reason=run.arguments["reason"],
        **_context(run, now),
    )


@transaction.atomic
def _undo(run, item, now):
    """Where the deal's last move is the one of the run that is taken back."""
    deal, _process = locked_deal(item.deal_id)
    last = ledger.last_row(deal)
    if last.batch != f"bulk-{run.undoes_id}":
        who = last.actor.name if last.actor else _("Headgate")
        raise moves.IllegalMove(
            _("Not undone: it has moved on since, by %(who)s: %(what)s.")
            % {"who": who, "what": last.get_kind_display()}
        )
    moves.undo(deal.pk, seen_seq=deal.seq, by=run.by, **_context(run, now))


def _context(run, now):
    return {"now": now, "source": Source.BULK, "batch": f"bulk-{run.pk}"}


@transaction.atomic
def _reassign(run, item, now):
    """The next action goes along where it was the old owner's. The timeline keeps that it changed hands."""
    deal, to = _seen(item), User.objects.get(pk=run.arguments["owner"])
    old = deal.owner
    fields = {"owner": {"owner": str(to.pk)}}
    if deal.next_owner_id == old.pk:
        fields["next_owner"] = {"next_owner": str(to.pk)}
    why, once = run.arguments.get("reason", ""), f"handover:bulk-{run.pk}"
    edits.change_all(deal.pk, fields, by=run.by, rev=deal.rev, now=now, reason=why, once=once)


@transaction.atomic
def _next_step(run, item, now):
    deal = _seen(item)
    typed = {name: run.arguments[name] for name in ("next_step", "next_step_on")}
    edits.change(deal.pk, "next_step", typed, by=run.by, rev=deal.rev, now=now)


def _seen(item):
    """The deal, locked, as it was when it was chosen; StaleDeal where it moved since."""
    deal, _process = locked_deal(item.deal_id)
    if deal.seq != item.seen_seq:
        raise moves.StaleDeal(deal, ledger.last_row(deal))
    return deal


_ACTS = {
    BulkAction.MOVE: _move,
    BulkAction.REASSIGN: _reassign,
    BulkAction.ARCHIVE: _archive,
    BulkAction.NEXT_STEP: _next_step,
    BulkAction.BACK: _back,
    BulkAction.UNDO: _undo,
}


def asked_of(deals):
    """What leaving their stages asks, stage by stage: [(stage, how many deals, how many have it all, labels)]."""
    groups = {}
    for deal in deals:
        process = process_of(deal.pipeline)
        if deal.is_live and deal.stage_id in process:
            groups.setdefault((process, deal.stage_id), []).append(deal)
    found = [_asked(process, stage_id, held) for (process, stage_id), held in groups.items()]
    return sorted(found, key=lambda row: (row["stage"].version_id, row["stage"].position))


def _asked(process, stage_id, deals):
    ready = sum(deal.open_before == 0 and deal.held_here == deal.total_here for deal in deals)
    labels = [definition.label for definition in process.exit_criteria(stage_id)]
    return {"stage": process.stage(stage_id), "deals": len(deals), "ready": ready, "asks": labels}
