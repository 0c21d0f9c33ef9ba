"""After a meeting: the conversation, what it confirmed and the next step, stored together or not at all."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from team.calendar import local_date

from . import activities, edits, files, outcomes
from .answers import AnswerErrors, Given, Recorder, attach
from .evidence.judging import House, weak_part
from .gate import Reading
from .input import normalise, parsing
from .locking import locked_deal
from .models import LOGGABLE, TALKS, ActivityKind, Direction
from .settle import settle

USUAL = [
    ActivityKind.CALL,
    ActivityKind.MEETING,
    ActivityKind.EMAIL,
    ActivityKind.DEMO,
    ActivityKind.PROPOSAL,
    ActivityKind.NOTE,
]
MOST_SAID = 10_000
LONGEST_KEY = 64
VALUES = ("", "date")  # the parts of an answer that are its value; who and how well may follow later


def kinds(chosen):
    """What one can log: the usual, and the rest folded away unless one of it is chosen."""
    rest = [kind for kind in LOGGABLE if kind not in USUAL]
    return {
        "usual": [(kind.value, kind.label) for kind in USUAL],
        "rest": [(kind.value, kind.label) for kind in rest],
        "open": chosen in rest,
    }


@transaction.atomic
def save(deal_id, form, people, *, by, now=None, source="page", upload=None, bad=None):
    """Raises edits.Unfit for the conversation or the next step, AnswerErrors for answers. Returns (deal, Reading).

    `upload` is a file the buyer made. A form whose key came before changes nothing more. `bad` is what the form found
    already, {field: message}; it is told together with what is found here.
    """
    now = now or timezone.now()
    deal, process = locked_deal(deal_id)
    recorder = Recorder(deal, process, by, now, source)
    if earlier := _earlier(deal, form):
        form.fields["conversation"] = str(earlier.pk)
        return deal, Reading(deal, process, recorder.today)
    activity = _log(deal, form, people, recorder, bad)
    if upload is not None:
        _keep(upload, deal, recorder)
    given = _answers(form, process, activity)
    if given and activity.is_auto:
        raise edits.Unfit(
            {"is_auto": _("What came by itself confirms nothing. Untick what it was to confirm.")}
        )
    columns = _next_step(deal, form, given, process, recorder)
    _refuse_unfinished(recorder.record(given), process, recorder.house)
    reading = settle(deal, process, now, also=columns | recorder.touched)
    return deal, reading


def _earlier(deal, form):
    """The activity that the same form, sent before, put on record."""
    key = form.text("key")
    if len(key) > LONGEST_KEY:
        raise edits.Unfit({"said": _("This form cannot be told from another. Reload the page.")})
    return deal.activities.filter(key=key).first() if key else None


def _keep(upload, deal, recorder):
    try:
        content_type = files.check(upload)
    except files.FileRefused as error:
        raise edits.Unfit({"file": str(error)}) from error
    attach(deal, upload, content_type, by=recorder.by, now=recorder.now)


@transaction.atomic
def only_talk(deal_id, form, *, by, now=None):
    """The conversation typed in a gate's dialog, without an answer. Raises AnswerErrors. Returns (deal, Reading)."""
    now = now or timezone.now()
    deal, process = locked_deal(deal_id)
    recorder = Recorder(deal, process, by, now)
    names = {"by": "by", "on": "on", "how": "how", "present": "with", "said": "words"}
    item = Given(0, **{part: form.text(f"conversation_{name}") for part, name in names.items()})
    recorder.new_conversation(item, recorder.contact(item, "by", item.by))
    if recorder.errors:
        raise AnswerErrors(
            {f"conversation_{names[part]}": text for (_pk, part), text in recorder.errors.items()}
        )
    return deal, settle(deal, process, now)


def _log(deal, form, people, recorder, bad):
    problems = dict(bad or {})
    kind, who = form.text("kind"), _who(form, people, recorder, problems)
    if kind not in LOGGABLE:
        problems["kind"] = _("Choose what it was.")
    happened = _happened(form.text("happened_on"), recorder, problems)
    if kind in TALKS and not who and "who" not in problems:
        problems["who"] = _("Say who on the buyer's side took part.")
    elif form.text("outcome") and not who and "who" not in problems:
        problems["who"] = outcomes.who_answered()
    if form.text("is_auto") and kind != ActivityKind.EMAIL:
        problems["is_auto"] = _("Only an e-mail comes by itself.")
    said = form.text("said")
    if len(said) > MOST_SAID:
        problems["said"] = _("At most %d characters are possible.") % MOST_SAID
    try:
        stands = outcomes.stands(form, recorder)
    except edits.Unfit as error:
        problems = error.fields | problems
    if problems:
        raise edits.Unfit(problems)
    activity = _recorded(deal, form, kind, happened, who, said, recorder, stands)
    outcomes.check_said_by_them(activity)
    return activity


def _recorded(deal, form, kind, happened, who, said, recorder, stands):
    is_auto = bool(form.text("is_auto"))
    direction = Direction.IN if is_auto else form.text("direction")
    try:
        return activities.record(
            deal, by=recorder.by, kind=kind, happened_at=happened, attendees=who,
            now=recorder.now, house=recorder.house,
            direction=direction if direction in Direction.values else None,
            subject=normalise.clean(form.text("subject"))[:200], body=normalise.clean(said, lines=True),
            expects_answer=bool(form.text("expects_answer")) and not is_auto, is_auto=is_auto,
            key=form.text("key"), **stands,
        )  # fmt: skip
    except ValidationError as error:
        raise edits.Unfit({"happened_on": error.messages[0]}) from error


def _who(form, people, recorder, problems):
    """Ticked people and typed names."""
    item = Given(0)
    found = [contact for pk in people if (contact := recorder.contact(item, "who", pk))]
    found += recorder.people(item, "who", form.text("who"))
    if recorder.errors:
        problems["who"] = next(iter(recorder.errors.values()))
    return found


def _happened(text, recorder, problems):
    """Now for today, else noon of the day."""
    try:
        day = parsing.day(text, today=recorder.today, past=True) if text else recorder.today
    except parsing.ParseError as error:
        problems["happened_on"] = str(error)
        return recorder.now
    if day == local_date(recorder.now, recorder.house.organisation):
        return recorder.now
    return datetime.combine(day, time(12), tzinfo=ZoneInfo(recorder.house.organisation.time_zone))


def _answers(form, process, activity):
    """What was ticked rests on this conversation, said by the first who took part unless told otherwise."""
    first = activity.attendees.first()
    form.fields["conversation"] = str(activity.pk)
    form.fields.pop("conversation_who", None)
    form.fields["conversation_by"] = form.text("conversation_by") or (str(first.pk) if first else "")
    return form.given(process)


def _refuse_unfinished(answers, process, house):
    """What is ticked and left empty is no confirmation: it goes back to be filled, as the gate's dialog does it."""
    parts = {
        pk: weak_part(answer, process.by_criterion[pk], house)
        for pk, answer in answers.items()
        if answer.flaw
    }
    empty = {(pk, part): answers[pk].flaw for pk, part in parts.items() if part in VALUES}
    if empty:
        raise AnswerErrors(empty)


def _next_step(deal, form, given, process, recorder):
    """The step typed at the end of the page; an answer to the criterion that asks for it carries it itself."""
    text, day = form.text("next_step"), form.text("next_step_on")
    agreed = next((g for g in given if process.by_criterion[g.criterion_id].kind == "next_step"), None)
    if not text and not day:
        return set()
    columns = edits.set_next_step(deal, text, day, recorder.today, House.current())
    if columns:
        edits.void_agreement(deal, process, recorder.now)
        deal.save(update_fields=columns)
    if agreed:
        agreed.value, agreed.date = "", ""
    return columns
