"""What happened on a deal, newest first: conversations, moves, refusals and what we noted, a page at a time."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from pipeline.stage_names import name_under
from team.digits import number_in
from team.formats import day

from ..input import normalise
from ..models import Answer, AnswerState, ExceptionState, GateRefusal, Kind, Status
from ..sheets.talks import ICONS, title_of

PAGE = 12
NOTES = 4
REFUSALS = 8 * PAGE  # as many are read, as those in a row are one line
# Of things at one instant, the later one in this list is shown first.
RANKS = [
    "answer",
    "figure",
    "activity",
    "refusal",
    "exception",
    "transition",
    "recap",
    "recap_refusal",
    "firing",
]


@dataclass
class Event:
    """One line of the timeline. `tone` is b for the buyer's own act, w for a warning."""

    rank: str
    id: int
    at: datetime
    icon: str
    title: str
    text: str = ""
    tone: str = ""
    notes: list = field(default_factory=list)
    same: tuple = ()  # what makes two of them in a row one line
    earlier: list = field(default_factory=list)  # the others of that line, newest first

    @property
    def times(self):
        return 1 + len(self.earlier)

    @property
    def moments(self):
        """When each of a line was, newest first."""
        return [event.at for event in (self, *self.earlier)]

    @property
    def shown_notes(self):
        return self.notes[:NOTES]

    @property
    def more_notes(self):
        return max(0, len(self.notes) - NOTES)

    @property
    def key(self):
        return (self.at, RANKS.index(self.rank), self.id)


@dataclass(frozen=True)
class Cursor:
    """The place after which the next page goes on."""

    at: datetime
    rank: int
    id: int

    @classmethod
    def read(cls, text):
        """None for anything that is no cursor of ours."""
        at, _comma, rest = (text or "").partition(",")
        rank, _comma, pk = rest.partition(",")
        try:
            moment = parse_datetime(at)
        except ValueError:
            return None
        rank, pk = number_in(rank), number_in(pk)
        known = rank is not None and rank < len(RANKS) and pk is not None
        return cls(moment, rank, pk) if moment and moment.tzinfo and known else None

    @classmethod
    def of(cls, event):
        last = event.earlier[-1] if event.earlier else event
        return cls(last.at, RANKS.index(last.rank), last.id)

    def __str__(self):
        return f"{self.at.isoformat()},{self.rank},{self.id}"

    def older(self, rank, column):
        """Condition over a table: what comes after this place."""
        mine = RANKS.index(rank)
        if mine < self.rank:
            return Q(**{f"{column}__lte": self.at})
        if mine > self.rank:
            return Q(**{f"{column}__lt": self.at})
        return Q(**{f"{column}__lt": self.at}) | Q(**{column: self.at, "pk__lt": self.id})

    def is_before(self, event):
        return event.key < (self.at, self.rank, self.id)


def events(deal, process, transitions, cursor=None, exceptions=(), more=()):
    """(events, the next page's cursor or None). `transitions` are all ledger rows of the deal, read already, and
    `exceptions` all that were asked for, `more` events made elsewhere."""
    activities = _page(deal.activities.prefetch_related("attendees"), "activity", "happened_at", cursor)
    found = [_activity_event(activity) for activity in activities]
    refused = [_refusal_event(refusal, process) for refusal in _refusals(deal, cursor)]
    found += refused
    found += _moves(transitions, cursor)
    found += _exceptions(exceptions, cursor)
    found += [event for event in more if cursor is None or cursor.is_before(event)]
    found += _answers(deal, process, activities, found, cursor)
    found.sort(key=lambda event: event.key, reverse=True)
    known = found if len(refused) < REFUSALS else found[: found.index(refused[-1]) + 1]
    shown, over = _folded(known)
    return shown, Cursor.of(shown[-1]) if over or len(known) < len(found) else None


def _folded(found):
    """(the lines of one page, whether more follow). Refusals in a row that say the same are one line."""
    shown = []
    for event in found:
        if shown and event.same and event.same == shown[-1].same:
            shown[-1].earlier.append(event)
        elif len(shown) == PAGE:
            return shown, True
        else:
            shown.append(event)
    return shown, False


def _page(rows, rank, column, cursor, most=PAGE + 1):
    if cursor:
        rows = rows.filter(cursor.older(rank, column))
    return list(rows.order_by(f"-{column}", "-pk")[:most])


def _refusals(deal, cursor):
    rows = GateRefusal.objects.filter(deal=deal).select_related("actor", "to_stage")
    return _page(rows, "refusal", "at", cursor, REFUSALS)


def _moves(rows, cursor):
    made = [_move_event(row) for row in rows]
    return [event for event in made if cursor is None or cursor.is_before(event)]


def _exceptions(rows, cursor):
    """Asked for, and decided where that was no move: a granted one is on the ledger."""
    made = [_asked_event(row) for row in rows]
    made += [_refused_event(row) for row in rows if row.state in REFUSED and row.decided_by_id]
    return [event for event in made if cursor is None or cursor.is_before(event)]


REFUSED = {
    ExceptionState.DECLINED: _lazy("%(who)s declined the exception into %(stage)s"),
    ExceptionState.WITHDRAWN: _lazy("%(who)s took back the request for an exception into %(stage)s"),
}


def _asked_event(row):
    title = _("%(who)s asked for an exception into %(stage)s") % {"who": row.asked_by, "stage": row.to_stage}
    return Event("exception", row.pk, row.asked_at, "flag", title, f"“{row.reason}”", "w")


def _refused_event(row):
    title = REFUSED[row.state] % {"who": row.decided_by, "stage": row.to_stage}
    text = f"“{row.decision_note}”" if row.decision_note else ""
    return Event("exception", row.pk, row.decided_at, "flag", title, text)


def _answers(deal, process, activities, found, cursor):
    """Answers of the conversations shown become their notes; those without one are events of their own."""
    alone = Q(activity__isnull=True)
    if cursor:
        alone &= cursor.older("answer", "recorded_at")
    rows = Answer.objects.filter(deal=deal).filter(alone | Q(activity__in=[a.pk for a in activities]))
    rows = list(rows.select_related("recorded_by").order_by("-recorded_at", "-pk")[: 8 * PAGE])
    by_activity = {event.id: event for event in found if event.rank == "activity"}
    for row in rows:
        if row.activity_id in by_activity:
            _note(by_activity[row.activity_id], row, process)
    return [_answer_event(row, process) for row in rows if row.activity_id is None]


def _label(process, criterion_id):
    definition = process.by_criterion.get(criterion_id)
    return definition.label if definition else _("a criterion that is no longer asked")


def _note(event, answer, process):
    words = {AnswerState.DISPROVED: _("Disproved: %s"), AnswerState.CLAIMED: _("Claimed: %s")}
    confirmed = _("Confirmed: %s") if answer.opens else _("Not enough yet: %s")
    text = words.get(answer.state, confirmed) % _label(process, answer.criterion_id)
    if text not in event.notes:
        event.notes.append(text)


def _answer_event(answer, process):
    label = _label(process, answer.criterion_id)
    title = _("Not so any more: %s") if answer.state == AnswerState.DISPROVED else _("Noted: %s")
    by = _("By %s.") % answer.recorded_by if answer.recorded_by else ""
    tone = "w" if answer.state == AnswerState.DISPROVED else ""
    return Event("answer", answer.pk, answer.recorded_at, "note", title % label, by, tone)


def _activity_event(activity):
    people = list(activity.attendees.all())
    title, names = title_of(activity, people), ", ".join(person.name for person in people)
    if names and people[0].name not in title:
        title = _("%(what)s with %(who)s") % {"what": title, "who": names}
    body = normalise.clean(activity.body)
    text = f"“{body}”" if body and activity.from_buyer else body
    event = Event("activity", activity.pk, activity.happened_at, ICONS[activity.kind], title, text)
    event.tone = "b" if activity.from_buyer else ""
    if activity.is_late:
        event.notes.append(_("Recorded late: it moved no clock."))
    if activity.is_auto:
        event.notes.append(_("It came by itself: it moved no clock."))
    if activity.expects_answer:
        event.notes.append(_("An answer is expected."))
    if activity.outcome:
        event.notes.append(_outcome(activity))
    return event


def _outcome(activity):
    """'How it stands: Later, by Thu 3 Dec'."""
    words = _("How it stands: %s") % activity.get_outcome_display()
    return words + _(", by %s") % day(activity.later_on) if activity.later_on else words


def _refusal_event(refusal, process):
    who = str(refusal.actor) if refusal.actor else _("Headgate")
    where = refusal.to_stage if refusal.to_stage else _("Won")
    labels = [_label(process, pk) for pk in refusal.criteria]
    words = ngettext("One criterion was open: %s.", "These were open: %s.", len(labels)) % "; ".join(
        labels[:4]
    )
    if len(labels) > 4:
        words += " " + ngettext("And %d more.", "And %d more.", len(labels) - 4) % (len(labels) - 4)
    title = _("%(who)s asked to move it to %(stage)s: refused") % {"who": who, "stage": where}
    event = Event("refusal", refusal.pk, refusal.at, "lock", title, _("%s Nothing was changed.") % words, "w")
    event.same = (refusal.actor_id, refusal.to_stage_id, *refusal.criteria)
    return event


def _move_event(row):
    who = _("By %s.") % row.actor if row.actor else ""
    if row.approver_id:
        who = _("Asked by %(who)s, granted by %(second)s.") % {"who": row.actor, "second": row.approver}
    text = " ".join(filter(None, [who, f"“{row.reason}”" if row.reason else ""]))
    is_warning = row.kind == Kind.EXCEPTION or row.to_status in _WARNING
    tone = "w" if is_warning else ""
    return Event("transition", row.pk, row.recorded_at, "gate", move_words(row), text, tone)


_WARNING = (Status.LOST, Status.ARCHIVED, Status.RE_ENGAGING)


def move_words(row):
    """What a ledger row did, as one would say it."""
    if row.kind in (Kind.ADVANCE, Kind.EXCEPTION, Kind.BACK, Kind.REMAP):
        back, passed = (
            _("Moved back from %(from)s to %(to)s"),
            _("Passed by exception from %(from)s to %(to)s"),
        )
        text = {Kind.BACK: back, Kind.EXCEPTION: passed}.get(row.kind, _("Moved from %(from)s to %(to)s"))
        return text % {"from": _named(row, row.from_stage), "to": _named(row, row.to_stage)}
    if row.kind == Kind.LOSE and row.loss_reason:
        return _("Lost: %s") % row.loss_reason
    if row.kind == Kind.CREATE:
        return _("Created in %s") % _named(row, row.to_stage)
    if row.kind in (Kind.REOPEN, Kind.UNDO, Kind.RETURN, Kind.RESUME):
        words = _("%(what)s: it is in %(stage)s")
        return words % {"what": row.get_kind_display(), "stage": _named(row, row.to_stage)}
    return row.get_kind_display()


def _named(row, stage):
    """What the stage was called under the version that judged the move."""
    return name_under(row.version, stage)
