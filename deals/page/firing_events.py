"""What rules did to a deal, for its timeline and for taking it back."""

from django.utils.translation import gettext as _

from pipeline.vocabulary import RuleAction

from ..models import FiringState
from ..timers import due, firing_words
from .timeline import Event

SHOWN = 100


class Firings:
    """A deal's firings, newest first, read once for clock, timeline and undo."""

    def __init__(self, deal, calendar, now):
        self.deal, self.now, self.calendar = deal, now, calendar
        found = deal.firings.select_related("definition__stage", "task__assignee", "mail_draft", "ended_by")
        self.rows = list(found[:SHOWN])

    @property
    def fired(self):
        """As due.upcoming wants it."""
        return {
            (row.key, row.occurrence): due.Fired(row.fired_at, row.state, row.ended_at, row.kept_until)
            for row in self.rows
        }

    @property
    def undoable(self):
        return [row for row in self.rows[:5] if row.can_be_undone(self.deal, self.now)]

    def events(self):
        """Those that wrote no ledger row of their own; the others are told by it."""
        return [self._event(row) for row in self.rows if row.seq is None]

    def _event(self, row):
        title, task = _title(row), getattr(row, "task", None)
        event = Event(
            "firing", row.pk, row.fired_at, "clock", title, firing_words.why(row.definition, row.since)
        )
        if task is not None:
            event.notes.append(_("To do for %(who)s: %(what)s") % {"who": task.assignee, "what": task.title})
            if task.cancelled_why:
                event.notes.append(str(task.get_cancelled_why_display()))
        if row.state not in (FiringState.DONE, FiringState.SHADOW):
            who = _(", by %s") % row.ended_by if row.ended_by_id else ""
            event.notes.append(f"{row.get_state_display()}{who}")
        return event


def _title(row):
    """'A rule made a follow-up task'"""
    if row.state == FiringState.SHADOW:
        return _("A rule in shadow would have done: %s") % row.get_action_display()
    if row.action == RuleAction.RE_ENGAGE:
        return _("Attempt %d to re-engage") % max(row.definition.attempt, 1)
    return _("A rule fired: %s") % row.get_action_display()
