"""Asking for an exception, and what may become of it besides being granted (moves/exceptions.py does that)."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from team.calendar import local_date
from team.models import User

from ..evidence.judging import House
from ..gate import Reading
from ..input import normalise
from ..locking import locked_deal
from ..models import Deal, ExceptionState, GateException, Source, Status, Transition, WaivedCriterion
from ..moves import IllegalMove, MissingInput, NotAllowed, StaleDeal, UnknownTarget, may_edit
from ..moves.exceptions import decidable, decided_words
from ..rows.among import Among
from ..settle import settle
from ..waiving import exception_notices, waivers

LEAST_REASON = 20
LONGEST_REASON = 2000
# Asked while the deal stood as it stands: once it moves, nobody can grant it any more.
WAITING = Q(state=ExceptionState.ASKED, seen_seq=F("deal__seq"))


@transaction.atomic
def ask(deal_id, *, to, seen_seq, by, reason, criteria=None, now=None, source=Source.PAGE):
    """Ask to pass to a later stage although criteria are open: those named, or all that are. Returns the exception.

    Raises NotAllowed, StaleDeal, IllegalMove, UnknownTarget, MissingInput; then nothing has changed.
    """
    now, asker = (
        now or timezone.now(),
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk),
    )
    deal, process = locked_deal(deal_id)
    _check(deal, process, asker, to, seen_seq)
    house = House.current()
    reading = Reading(deal, process, local_date(now, house.organisation))
    open_ones = reading.for_move(to).open
    if not open_ones:
        raise IllegalMove(_("Nothing is open there: the deal moves without an exception."))
    fields = {**_reason_flaw(reason, house), **_criteria_flaw(criteria, open_ones)}
    if fields or _is_over_limit(asker, house.organisation):
        raise MissingInput(fields or {"exception": limit_words(house.organisation)})
    _withdraw_stale(deal, now)
    exception = GateException.objects.create(
        deal=deal, to_stage_id=to, asked_by=asker, asked_at=now, seen_seq=deal.seq,
        reason=normalise.clean(reason, lines=True)[:LONGEST_REASON],
        expires_on=reading.today + timedelta(days=house.organisation.exception_days),
    )  # fmt: skip
    named = [f.criterion_id for f in open_ones if criteria is None or f.criterion_id in criteria]
    WaivedCriterion.objects.bulk_create(
        WaivedCriterion(exception=exception, criterion_id=criterion) for criterion in named
    )
    exception.told = exception_notices.tell_asked(exception, deal, now)
    return exception


def _check(deal, process, asker, to, seen_seq):
    """Whether there is anything to ask: an open deal one acts on, and a later stage whose gate does not hold."""
    if not may_edit(asker, deal):
        raise NotAllowed(_("Only those who act on the deal ask for an exception."))
    if seen_seq is None:
        raise MissingInput({"seen_seq": _("Say which state of the deal you saw (seen_seq).")})
    if seen_seq != deal.seq:
        raise StaleDeal(deal, Transition.objects.filter(deal=deal, seq=deal.seq).first())
    if deal.status != Status.OPEN:
        raise IllegalMove(_("An exception lets an open deal advance, nothing else."))
    if to not in process:
        raise UnknownTarget(_("There is no exception for this: it lets a deal into a later stage."))
    if deal.stage_id not in process or process.index(to) <= process.index(deal.stage_id):
        raise IllegalMove(_("The deal is not in an earlier stage."))
    if pending := waiting_of(deal):
        words = _("%(who)s has asked for one already; it waits to be decided.")
        raise IllegalMove(words % {"who": pending.asked_by})


def waiting_of(deal):
    """The exception that waits to be decided on the deal as it stands, or None."""
    return GateException.objects.filter(WAITING, deal=deal).select_related("asked_by").first()


def _reason_flaw(reason, house):
    flaw = normalise.flaw(reason, min_length=LEAST_REASON, extra=house.placeholders)
    return {"reason": flaw} if flaw else {}


def _criteria_flaw(criteria, open_ones):
    known = {finding.criterion_id for finding in open_ones}
    if criteria is None or (criteria and set(criteria) <= known):
        return {}
    return {"criteria": _("Choose from what is open before that stage, one thing at least.")}


def open_of(user):
    """Exceptions this person has open: waiting to be decided, or granted and not mended."""
    return GateException.objects.filter(WAITING | Q(**waivers.LIVE), asked_by=user)


def _is_over_limit(user, organisation):
    return open_of(user).count() >= organisation.exceptions_per_rep


def limit_words(organisation):
    limit = organisation.exceptions_per_rep
    words = ngettext(
        "You have %d exception open, and more is not possible: answer what it waived first.",
        "You have %d exceptions open, and more are not possible: answer what they waived first.",
        limit,
    )
    return words % limit if limit else _("Exceptions are not in use here.")


def _withdraw_stale(deal, now):
    stale = GateException.objects.filter(deal=deal, state=ExceptionState.ASKED)
    words = _("The deal was moved meanwhile.")
    stale.update(state=ExceptionState.WITHDRAWN, decided_at=now, ended_at=now, decision_note=words)


@transaction.atomic
def decline(exception_id, *, by, note, now=None, source=Source.PAGE):
    """A second person says no, and why. The deal stays where it is."""
    now = now or timezone.now()
    exception = decidable(exception_id, by=by, now=now, source=source)
    if flaw := normalise.flaw(note, min_length=3):
        raise MissingInput({"note": flaw})
    _end(exception, ExceptionState.DECLINED, by, now, normalise.clean(note, lines=True)[:LONGEST_REASON])
    exception_notices.tell_declined(exception, exception.deal, now)
    return exception


@transaction.atomic
def withdraw(exception_id, *, by, now=None):
    """Who asked takes it back, or whoever acts on the deal now."""
    exception = GateException.objects.select_related("asked_by", "deal").get(pk=exception_id)
    deal, _process = locked_deal(exception.deal_id)
    if by.pk != exception.asked_by_id and not may_edit(by, deal):
        raise NotAllowed(_("Who asked for it may take it back."))
    exception.refresh_from_db()
    if exception.state != ExceptionState.ASKED:
        raise IllegalMove(decided_words(exception))
    _end(exception, ExceptionState.WITHDRAWN, by, now or timezone.now(), "")
    return exception


def _end(exception, state, by, now, note):
    exception.state, exception.decided_by, exception.decision_note = state, by, note
    exception.decided_at = exception.ended_at = now
    exception.save(update_fields=["state", "decided_by", "decided_at", "ended_at", "decision_note"])


def mend(changes, moved, now):
    """After a publication: what is not asked any more, or holds now, needs no exception. Each deal is settled whose
    exception waives something that differs, or that was moved."""
    waived = WaivedCriterion.objects.filter(criterion__in=changes.differing())
    waived = waived.filter(**{f"exception__{name}": value for name, value in waivers.LIVE.items()})
    held = Deal.objects.live().filter(pipeline=changes.new.pipeline_id, exception_until__isnull=False)
    held = held.filter(Q(pk__in=waived.values("exception__deal")) | Q(Among("pk", moved)))
    for deal in held.for_update().order_by("pk"):
        settle(deal, changes.new, now)
