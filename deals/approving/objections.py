"""What the buyer holds against buying, and how each of it was settled. Under the deal's lock."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.vocabulary import Kind

from ..answers import Given, Recorder
from ..edits import Unfit
from ..input import normalise, parsing
from ..locking import locked_deal
from ..models import Answer, Objection, ObjectionStatus
from ..moves import IllegalMove, NotAllowed, may_edit
from ..settle import settle
from .contradictions import text_flaw

LIMITS = {"text": 2000, "response": 2000, "note": 300}


@transaction.atomic
def log(deal_id, typed, *, by, now=None):
    """Put an objection on record: what, by whom, when. Raises Unfit, NotAllowed. Returns the Objection."""
    deal, process, recorder = _opened(deal_id, by, now)
    problems = {}
    text = _text(typed, "text", recorder, problems)
    objection = Objection(deal=deal, stage_id=deal.stage_id, text=text, recorded_by=by)
    objection.raised_by = _contact(typed, "raised_by", recorder, problems)
    objection.raised_at = _moment(typed.get("raised_on", ""), recorder, problems)
    if problems:
        raise Unfit(problems)
    objection.save()
    _void_confirmation(deal, process, recorder.now)
    settle(deal, process, recorder.now)
    return objection


@transaction.atomic
def act(deal_id, objection_id, verb, typed, *, by, now=None):
    """Answer it, note that the buyer accepted or withdrew it, or take it up again.

    Raises Unfit, NotAllowed, IllegalMove, KeyError for no such verb, Objection.DoesNotExist. Returns the Objection.
    """
    deal, process, recorder = _opened(deal_id, by, now)
    objection = Objection.objects.get(deal=deal, pk=objection_id)
    problems = {}
    ACTS[verb](objection, typed, recorder, problems)
    if problems:
        raise Unfit(problems)
    objection.save()
    if verb == "reopen":
        _void_confirmation(deal, process, recorder.now)
    settle(deal, process, recorder.now)
    return objection


def _opened(deal_id, by, now):
    now = now or timezone.now()
    deal, process = locked_deal(deal_id)
    if by is not None and not may_edit(by, deal):
        raise NotAllowed(_("Only those who act on this deal, or a manager of its team, may do this."))
    return deal, process, Recorder(deal, process, by, now)


def _text(typed, name, recorder, problems):
    if flaw := text_flaw(typed.get(name, ""), LIMITS[name], recorder.house):
        problems[name] = flaw
    return normalise.clean(typed.get(name, ""), lines=LIMITS[name] > 300)


def _contact(typed, name, recorder, problems):
    """Somebody of the buyer's side, by name or id."""
    text = typed.get(name, "").strip()
    if not text:
        problems[name] = _("Say who on the buyer's side.")
        return None
    found = recorder.contact(Given(0), name, text)
    if found and recorder.house.is_ours(found):
        problems[name] = _("%s is one of us, not the buyer.") % found.name
    problems |= {part: words for (_pk, part), words in recorder.errors.items()}
    return found


def _moment(text, recorder, problems):
    """Noon of the day; now, for today."""
    try:
        day = parsing.day(text, today=recorder.today, past=True) if text.strip() else recorder.today
    except parsing.ParseError as error:
        problems["raised_on"] = str(error)
        return recorder.now
    if day > recorder.today:
        problems["raised_on"] = _("This day lies ahead.")
    if day >= recorder.today:
        return recorder.now
    return datetime.combine(day, time(12), tzinfo=ZoneInfo(recorder.house.organisation.time_zone))


def _void_confirmation(deal, process, now):
    """What the buyer said of all objections before does not cover this one."""
    criteria = [d.criterion_id for d in process.criteria_of_all() if d.kind == Kind.NO_OPEN_OBJECTION]
    current = Answer.objects.current().filter(deal=deal, criterion__in=criteria)
    current.update(is_current=False, replaced_at=now)


def _answer(objection, typed, recorder, problems):
    _must_be_open(objection)
    objection.response = _text(typed, "response", recorder, problems)
    objection.status = ObjectionStatus.ANSWERED


def _accept(objection, typed, recorder, problems):
    _must_be_open(objection)
    if not objection.response:
        problems["accepted_by"] = _("Write down our answer first.")
        return
    objection.accepted_by = _contact(typed, "accepted_by", recorder, problems)
    _settled(objection, ObjectionStatus.ACCEPTED, recorder)


def _withdraw(objection, typed, recorder, problems):
    _must_be_open(objection)
    objection.note = _text(typed, "note", recorder, problems)
    _settled(objection, ObjectionStatus.WITHDRAWN, recorder)


def _reopen(objection, typed, recorder, problems):
    if not objection.is_settled:
        raise IllegalMove(_("This objection is open already."))
    objection.note = _text(typed, "note", recorder, problems)
    objection.status, objection.accepted_by = ObjectionStatus.OPEN, None
    objection.settled_at = objection.settled_by = None


def _must_be_open(objection):
    if objection.is_settled:
        raise IllegalMove(_("This objection is settled. Take it up again first."))


def _settled(objection, status, recorder):
    objection.status, objection.settled_at, objection.settled_by = status, recorder.now, recorder.by


ACTS = {"answer": _answer, "accept": _accept, "withdraw": _withdraw, "reopen": _reopen}
