"""The moves, one verb each. Every function opens the door, moves one deal and returns it.

All take the deal's id, `seen_seq` (the seq the mover saw; None for the system, imports and commands alone), `by` and
keyword options of Context: now, source, key, batch. All raise errors of errors.py, and then nothing has changed.
"""

from datetime import datetime, time, timedelta
from functools import wraps
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from team.digits import number_in
from team.models import remembered

from .. import figures
from ..answers import AnswerErrors, Recorder
from ..input import normalise
from ..models import Kind, LossReason, Status
from ..timers import rule_tasks
from ..waiving import waivers
from . import pauses
from .door import Context, Move, record_refusal
from .errors import GateClosed, IllegalMove, MissingInput, UnknownTarget

UNDO_DAYS = 7
LEAST_REASON = 3


def _verb(function):
    """Give a verb its transaction, its idempotency key, and a record of the gate's refusal after the rollback."""

    @wraps(function)
    def moved(deal_id, *, seen_seq, by, answers=(), **options):
        arguments = {name: options.pop(name) for name in list(options) if name in _ARGUMENTS}
        context = Context(by=by, **options)
        try:
            with transaction.atomic(), remembered():
                move = Move(deal_id, seen_seq, context)
                if move.earlier:  # the same key again: the first answer stands
                    return move.deal
                errors = _record(move, answers)
                if errors and function.__name__ not in _GATED:
                    raise MissingInput(
                        {f"c{pk}_{part}".rstrip("_"): said for (pk, part), said in errors.items()}
                    )
                function(move, errors=errors, **arguments)
                return move.deal
        except GateClosed as refusal:
            record_refusal(refusal, context)
            raise

    return moved


_ARGUMENTS = {"to", "reason", "loss_reason", "amount", "until", "nurture"}
# These show problems of the answers beside what the gate still asks.
_GATED = {"advance", "win"}


def _record(move, answers):
    """Store the answers that came along. Their problems are shown together with the gate's."""
    if not answers:
        return {}
    recorder = Recorder(move.deal, move.process, move.context.by, move.context.now, move.context.source)
    try:
        recorder.record(answers)
    except AnswerErrors as problems:
        return problems.fields
    return {}


def _reason(text, field="reason"):
    reason = normalise.clean(text)
    if flaw := normalise.flaw(reason, min_length=LEAST_REASON):
        raise MissingInput({field: flaw})
    return reason[:2000]


def _stage(move, stage_id):
    """The published stage `to` names, of the deal's own pipeline."""
    if stage_id not in move.process:
        raise UnknownTarget(_("This stage is not one of the deal's pipeline."))
    return move.process.stage(stage_id)


def _judged(move, to_id, to_stage, errors):
    try:
        reading, judgement = move.judge(to_id, to_stage)
    except GateClosed as refusal:
        refusal.errors = errors
        raise
    if errors:
        raise GateClosed(move.deal, to_stage, judgement, errors)
    return reading, judgement


@_verb
def advance(move, *, to, errors):
    """Move to a later stage. Raises GateClosed with every open criterion of all stages passed."""
    stage = _stage(move, to)
    if move.deal.status != Status.OPEN:
        move.fire("enter", to)
    process, left = move.process, move.deal.stage_id
    if left not in process or process.index(to) <= process.index(left):
        raise IllegalMove(_("The deal is not in an earlier stage."))
    reading, judgement = _judged(move, to, stage, errors)
    passed = [s.stage_id for s in process.stages[process.index(left) + 1 : process.index(to)]]
    move.fire("enter", to)
    move.write(Kind.ADVANCE, reading=reading, judgement=judgement, passed=passed)


@_verb
def back(move, *, to, reason="", errors):
    """Move to an earlier stage, with a reason."""
    _stage(move, to)
    if not _lies_behind(move, to):
        raise IllegalMove(_("The deal is not in a later stage."))
    move.fire("go_back", to)
    move.write(Kind.BACK, reason=_reason(reason))


def _lies_behind(move, to):
    """A retired stage has no place in the order: from there the deal may go as deep as its gates hold."""
    process, left = move.process, move.deal.stage_id
    if left in process:
        return process.index(to) < process.index(left)
    return move.reading().deepest(to) == to


@_verb
def win(move, *, errors, amount=None):
    """Win: everything up to the last stage's exit holds, and the deal says what it is worth."""
    if move.deal.status != Status.OPEN:
        move.fire("win")
    if amount is not None:
        before = figures.said(move.deal)
        move.deal.amount = move.deal.amount_base = amount
        move.deal.save(update_fields=["amount", "amount_base"])
        figures.note(move.deal, before, move.context.by, move.context.now)
    reading, judgement = _judged(move, None, None, errors)
    if not move.deal.amount:
        raise MissingInput({"amount": _("Say what the deal is worth: without an amount it cannot be won.")})
    left, last = move.deal.stage_id, move.process.last.stage_id
    passed = [s.stage_id for s in move.process.stages[move.process.index(left) + 1 :]]
    move.fire("win")
    if left != last:
        move.fire("stand_in", last)
    move.deal.closed_at = signed_at = _signed_at(move, judgement)
    move.write(
        Kind.WIN,
        reading=reading,
        judgement=judgement,
        passed=passed,
        happened_at=signed_at,
        also=["closed_at"],
    )


def _signed_at(move, judgement):
    """The moment the win counts from: noon of the signature's date, where a criterion holds one."""
    days = [
        finding.answer.day
        for finding in judgement.findings
        if finding.definition.with_date and finding.answer and finding.answer.day
    ]
    if not days or max(days) >= move.today:
        return move.context.now
    return datetime.combine(max(days), time(12), tzinfo=ZoneInfo(move.organisation.time_zone))


@_verb
def lose(move, *, loss_reason="", reason="", errors):
    """End the deal with a reason from the list; disqualified is told apart by the reason."""
    move.fire("lose")
    found = _loss_reason(loss_reason or reason)
    move.deal.loss_reason, move.deal.closed_at = found, move.context.now
    text = normalise.clean(reason)[:2000]
    move.write(Kind.LOSE, loss_reason=found, reason=text, also=["loss_reason", "closed_at"])


def offered_reasons():
    """What somebody who loses a deal may choose from."""
    return LossReason.objects.filter(is_active=True, by_rule=False)


def _loss_reason(text):
    if isinstance(text, LossReason):
        return text
    text = str(text).strip()[:200]  # longer than any name; SQLite takes no longer pattern
    offered = offered_reasons()
    found = offered.filter(pk=number_in(text)).first()
    found = found or (offered.filter(name__iexact=text).first() if text else None)
    if found is None:
        raise MissingInput({"loss_reason": _("Choose why the deal was lost.")})
    return found


@_verb
def archive(move, *, reason="", loss_reason=None, errors):
    """Take the deal out of the pipeline; it keeps its stage and everything in it."""
    move.fire("archive")
    move.deal.closed_at, move.deal.loss_reason = move.context.now, loss_reason
    text = normalise.clean(reason)[:2000]
    move.write(Kind.ARCHIVE, reason=text, loss_reason=loss_reason, also=["closed_at", "loss_reason"])


@_verb
def reopen(move, *, reason="", errors):
    """Bring a closed deal back, into the deepest stage whose gates hold, never deeper than the one it left."""
    if move.deal.is_live:
        raise IllegalMove(_("This deal is not closed."))
    reopened(move, _reason(reason))


def reopened(move, text):
    """Write the row of a reopening, with the gates looked at anew."""
    stage_id = move.deal.stage_id if move.deal.stage_id in move.process else move.process.entry.stage_id
    deepest = move.reading().deepest(stage_id)
    move.fire("reopen")
    if deepest != move.deal.stage_id:
        move.fire("stand_in", deepest)
    move.deal.closed_at = move.deal.loss_reason = None
    move.write(Kind.REOPEN, reason=text, also=["closed_at", "loss_reason"])


@_verb
def re_engage(move, *, reason="", errors):
    """The buyer fell silent: out of the forecast, in its stage, until they answer."""
    move.fire("re_engage")
    move.write(Kind.RE_ENGAGE, reason=normalise.clean(reason)[:2000])


@_verb
def come_back(move, *, reason="", errors):
    """The buyer of a re-engaging deal answered."""
    move.fire("return_to_work")
    move.write(Kind.RETURN, reason=normalise.clean(reason)[:2000])


@_verb
def pause(move, *, reason="", until="", nurture=False, errors):
    """Wait until a day, with a reason. The days of the wait are not counted as the buyer's silence.

    A deal that nurtures may wait for a year.
    """
    move.fire("pause")
    text, day = pauses.asked(move, lambda: _reason(reason), until, nurture)
    move.deal.paused_on, move.deal.paused_until = pauses.here(move), day
    move.write(Kind.PAUSE, reason=text)


@_verb
def resume(move, *, errors):
    """The wait is over."""
    move.fire("resume")
    pauses.end(move.deal, pauses.here(move))
    move.write(Kind.RESUME)


UNDOABLE = set(Kind) - {Kind.CREATE, Kind.IMPORT, Kind.UNDO, Kind.REMAP, Kind.TRANSFER}


@_verb
def undo(move, *, errors):
    """Reverse exactly the last ledger row, within seven days. Ungated: the counts show what is claimed then."""
    last = move.last
    if last.kind not in UNDOABLE:
        raise IllegalMove(_("The last step cannot be undone."))
    if move.context.now - last.recorded_at > timedelta(days=UNDO_DAYS):
        raise IllegalMove(_("A move can be undone for %d days.") % UNDO_DAYS)
    move.fire("restore_status", last.from_status)
    move.fire("stand_in", last.from_stage_id)
    also = _closing_columns(move.deal)
    waivers.revive(move.deal, last.recorded_at)
    rule_tasks.revive(move.deal, last.recorded_at)
    rule_tasks.never_entered(move.deal, last, move.context.now)
    pauses.undone(move.deal, last, pauses.here(move))
    move.write(Kind.UNDO, reason=_("Undid: %s") % last.get_kind_display(), also=also)


def _closing_columns(deal):
    """A deal that is live again has no end; one whose reopening is undone ended when it did before."""
    ended = None if deal.is_live else deal.transitions.filter(to_status=deal.status).latest("seq")
    deal.closed_at = ended and ended.happened_at
    deal.loss_reason = ended and ended.loss_reason
    return ["closed_at", "loss_reason"]
