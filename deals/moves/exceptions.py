"""Granting an exception: the one move that passes a gate although named criteria are open.

A second person opens the gate; the row names who asked, who granted and why. Everything that was not waived must hold.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from team.calendar import local_date
from team.models import Organisation

from ..input import normalise
from ..locking import locked_deal
from ..models import ExceptionState, GateException, Kind, Source
from ..waiving import exception_notices, granters
from .door import Context, Move, may_edit, record_refusal
from .errors import GateClosed, IllegalMove, MissingInput, NotAllowed, UnknownTarget

LONGEST_DAYS = 90


def grant(exception_id, *, by, expires_on=None, note="", now=None, source=Source.PAGE):
    """Let the deal pass by exception until `expires_on` (empty: as the organisation has it). Returns the deal.

    Raises what a move raises: NotAllowed, StaleDeal where the deal was moved since it was asked, GateClosed where
    something that was not asked for is open.
    """
    now = now or timezone.now()
    try:
        with transaction.atomic():
            exception = decidable(exception_id, by=by, now=now, source=source)
            exception.expires_on = last_day(expires_on, now)
            exception.decision_note = normalise.clean(note, lines=True)[:2000]
            return _passed(exception, by, Context(by=exception.asked_by, now=now, source=source))
    except GateClosed as refusal:
        record_refusal(refusal, Context(by=by, now=now, source=source))
        raise


def decidable(exception_id, *, by, now, source):
    """The exception with its deal locked, where this person may decide and nobody has yet."""
    deal_id = GateException.objects.values_list("deal_id", flat=True).get(pk=exception_id)
    deal, _process = locked_deal(deal_id)
    exception = GateException.objects.select_related("asked_by", "decided_by").get(pk=exception_id)
    exception.deal = deal
    if source == Source.API:
        raise NotAllowed(_("A program grants no exceptions: somebody decides on the page."))
    if words := granters.why_not(by, deal, exception.asked_by, now):
        raise NotAllowed(words)
    if exception.state != ExceptionState.ASKED:
        raise IllegalMove(decided_words(exception))
    return exception


def decided_words(exception):
    who = exception.decided_by or _("Headgate")
    state = exception.get_state_display().lower()
    return _("This has been decided: %(state)s by %(who)s.") % {"state": state, "who": who}


def last_day(expires_on, now):
    """The last day an exception granted now waives anything."""
    organisation = Organisation.current()
    today = local_date(now, organisation)
    if expires_on is None:
        return today + timedelta(days=organisation.exception_days)
    if not today <= expires_on <= today + timedelta(days=LONGEST_DAYS):
        words = _("An exception lasts until today at least and %d days at most.") % LONGEST_DAYS
        raise MissingInput({"expires_on": words})
    return expires_on


def _passed(exception, by, context):
    """Make the move the asker wanted; `context` is theirs."""
    if not may_edit(exception.asked_by, exception.deal):
        raise IllegalMove(_("%s does not act on this deal any more.") % exception.asked_by)
    move = Move(exception.deal_id, exception.seen_seq, context)
    stage, left = _target(move, exception.to_stage_id), move.deal.stage_id
    reading, judgement = _judged(move, exception, stage)
    _decide(exception, by, context.now)
    move.deal.exception_until = exception.expires_on
    move.fire("enter", stage.stage_id)
    stages = move.process.stages
    passed = stages[move.process.index(left) + 1 : move.process.index(stage.stage_id)]
    exception.transition = move.write(
        Kind.EXCEPTION, reading=reading, judgement=judgement, reason=exception.reason, approver=by,
        passed=[each.stage_id for each in passed], also=["exception_until"],
    )  # fmt: skip
    exception.save(update_fields=["transition"])
    exception_notices.tell_granted(exception, move.deal, move.process, context.now)
    return move.deal


def _target(move, stage_id):
    """The published stage that was asked for, still a later one."""
    process, left = move.process, move.deal.stage_id
    if stage_id not in process:
        raise UnknownTarget(_("This stage is not one of the deal's pipeline."))
    if left not in process or process.index(stage_id) <= process.index(left):
        raise IllegalMove(_("The deal is not in an earlier stage."))
    return process.stage(stage_id)


def _judged(move, exception, stage):
    """Judge the move anew, without what was asked to be waived; of that, something must still be open."""
    named = set(exception.waived.values_list("criterion_id", flat=True))
    reading = move.reading()
    move.deal.judgement = judgement = reading.for_move(stage.stage_id, waiving=named)
    if not judgement.holds:
        raise GateClosed(move.deal, stage, judgement)
    if not any(finding.criterion_id in named for finding in judgement.waived):
        raise IllegalMove(
            _("Nothing that was asked for is open any more: the deal moves without an exception.")
        )
    return reading, judgement


def _decide(exception, by, now):
    """Before the row: settling ends what is not granted."""
    exception.state, exception.decided_by, exception.decided_at = ExceptionState.GRANTED, by, now
    exception.save(update_fields=["state", "decided_by", "decided_at", "decision_note", "expires_on"])
