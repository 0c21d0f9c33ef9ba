"""The two state machines of a deal. Which moves are legal from where; whether the gate holds is asked of gate.py.

The moves module is the only caller: it locks the deal, sets the judgement, calls a transition here and writes the
ledger row. A transition without a judgement that holds is refused, so forgetting to ask the gate fails closed.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, transition


class Status(models.TextChoices):
    OPEN = "open", _("Open")
    RE_ENGAGING = "re_engaging", _("Re-engaging")
    PAUSED = "paused", _("Paused")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    ARCHIVED = "archived", _("Archived")


class Kind(models.TextChoices):
    """Kinds of ledger rows."""

    CREATE = "create", _("Created")
    IMPORT = "import", _("Imported")
    ADVANCE = "advance", _("Advanced")
    EXCEPTION = "exception", _("Advanced by exception")
    BACK = "back", _("Moved back")
    WIN = "win", _("Won")
    LOSE = "lose", _("Lost")
    RE_ENGAGE = "re_engage", _("Re-engaging")
    RETURN = "return", _("Returned")
    PAUSE = "pause", _("Paused")
    RESUME = "resume", _("Resumed")
    ARCHIVE = "archive", _("Archived")
    REOPEN = "reopen", _("Reopened")
    REMAP = "remap", _("Stage replaced")
    TRANSFER = "transfer", _("Moved to another pipeline")
    UNDO = "undo", _("Undone")


LIVE_STATUSES = [Status.OPEN, Status.RE_ENGAGING, Status.PAUSED]
CLOSED_STATUSES = [Status.WON, Status.LOST, Status.ARCHIVED]

# status before -> kinds that may follow. The guard's T3 enforces the same table below the ORM.
LEGAL = {
    Status.OPEN: {
        Kind.ADVANCE,
        Kind.EXCEPTION,
        Kind.BACK,
        Kind.WIN,
        Kind.LOSE,
        Kind.RE_ENGAGE,
        Kind.PAUSE,
        Kind.ARCHIVE,
        Kind.REMAP,
        Kind.TRANSFER,
        Kind.IMPORT,
    },
    Status.RE_ENGAGING: {Kind.RETURN, Kind.LOSE, Kind.ARCHIVE, Kind.PAUSE, Kind.REMAP, Kind.TRANSFER},
    Status.PAUSED: {Kind.RESUME, Kind.LOSE, Kind.ARCHIVE, Kind.REMAP, Kind.TRANSFER},
    Status.WON: {Kind.REOPEN},
    Status.LOST: {Kind.REOPEN},
    Status.ARCHIVED: {Kind.REOPEN},
}


def gate_holds(deal):
    """fsm condition: the judgement that moves.py set for this very move holds."""
    judgement = getattr(deal, "judgement", None)
    return judgement is not None and judgement.holds


def is_open(deal):
    return deal.status == Status.OPEN


class MoveMachine(models.Model):
    """Transitions of `stage` (methods that return the new stage id) and of `status`."""

    judgement = None

    class Meta:
        abstract = True

    @transition("stage", "*", RETURN_VALUE(), conditions=[is_open, gate_holds])
    def enter(self, stage_id):
        """Advance to a later stage whose gates hold."""
        return stage_id

    @transition("stage", "*", RETURN_VALUE(), conditions=[is_open])
    def go_back(self, stage_id):
        """Return to an earlier stage, or stand where another system or a merged stage says."""
        return stage_id

    @transition("status", Status.OPEN, Status.WON, conditions=[gate_holds])
    def win(self):
        """Everything up to the last stage's exit holds."""

    @transition("status", LIVE_STATUSES, Status.LOST)
    def lose(self):
        """Ended with a reason from the list."""

    @transition("status", LIVE_STATUSES, Status.ARCHIVED)
    def archive(self):
        """Out of the pipeline, kept with everything."""

    @transition("status", Status.OPEN, Status.RE_ENGAGING)
    def re_engage(self):
        """The buyer is silent; keeps its stage, leaves the forecast."""

    @transition("status", Status.RE_ENGAGING, Status.OPEN)
    def return_to_work(self):
        """The buyer answered."""

    @transition("status", [Status.OPEN, Status.RE_ENGAGING], Status.PAUSED)
    def pause(self):
        """Waiting until a named date."""

    @transition("status", Status.PAUSED, Status.OPEN)
    def resume(self):
        """The wait is over."""

    @transition("status", CLOSED_STATUSES, Status.OPEN)
    def reopen(self):
        """Live again, in the deepest stage whose gates hold."""

    @transition("status", "*", RETURN_VALUE())
    def restore_status(self, status):
        """Undo: the status before the last ledger row."""
        return status

    @transition("stage", "*", RETURN_VALUE())
    def stand_in(self, stage_id):
        """The stage that follows from a change of status: undo, reopen, win, import."""
        return stage_id
