"""Today, put together: the sentence, what is to do, the clocks, the gates, the calendar."""

from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.process import process_of
from team.calendar import add_business_days, grace_date, local_date
from team.models import Organisation

from ..sheets.sheet import in_words
from . import mine, saved, todo
from .fuses import Fuse
from .readings import readings


@dataclass(frozen=True)
class Waiting:
    """A deal that its gate keeps, and what is still open."""

    deal: object
    stage: object
    next_stage: object
    open: list

    @property
    def to(self):
        """What the gate's dialog is asked for."""
        return str(self.next_stage.stage_id) if self.next_stage else "won"

    @property
    def first(self):
        return self.open[0].definition.label if self.open else ""

    @property
    def more(self):
        return max(0, len(self.open) - 1)


@dataclass(frozen=True)
class Entry:
    """One line of the calendar."""

    day: object
    deal: object
    text: str
    is_today: bool


class Today:
    """Everything the page shows of one person's day."""

    def __init__(self, user, now=None, later="", saved=""):
        """`later`: id of the deal whose meeting is to be written down later; `saved`: of what was just written."""
        self.put_off, self._saved = later, saved
        self.user, self.now = user, now or timezone.now()
        self.organisation = Organisation.current()
        self.today = local_date(self.now, self.organisation)
        self.grace = grace_date(self.today, self.organisation)
        self.tomorrow = add_business_days(self.today, 1, self.organisation)
        self.due, self.later = mine.unfinished(user, self.today)
        self.deals = mine.Deals(user, self.today, self.now, self.tomorrow)

    @property
    def heading(self):
        return date_format(self.today, "l j F")

    @cached_property
    def todo(self):
        found = todo.rows(list(self.due), self.deals.without_next_step, self.today, self.grace)
        return mine.Part(found[: mine.SHOWN], self.due.more or len(found) > mine.SHOWN)

    @cached_property
    def upcoming(self):
        return [todo.Row(task.deal, self.today, task) for task in self.later]

    @cached_property
    def clocks(self):
        chased = {task.deal_id for task in self.due if task.firing_id}
        found = self.deals.silent
        return mine.Part([Fuse(deal, self.today, deal.pk in chased) for deal in found], found.more)

    @cached_property
    def gates(self):
        found = self.deals.at_a_gate
        known = readings(list(found), self.today)
        return mine.Part(
            [self._waiting(deal, known[deal.pk]) for deal in found if deal.pk in known], found.more
        )

    def _waiting(self, deal, reading):
        process = process_of(deal.pipeline)
        after = process.stage_after(deal.stage_id)
        asked = reading.for_move(after.stage_id if after else None).open
        return Waiting(deal, process.stage(deal.stage_id), after, asked)

    @cached_property
    def calendar(self):
        """Next steps and tasks of today and of the next working day."""
        found = [
            Entry(deal.next_step_on, deal, deal.next_step, deal.next_step_on == self.today)
            for deal in self.deals.dated
        ]
        tasks = [task for task in [*self.due, *self.later] if self.today <= task.due_on <= self.tomorrow]
        found += [Entry(task.due_on, task.deal, task.title, task.due_on == self.today) for task in tasks]
        return sorted(found, key=lambda entry: entry.day)

    # just now

    @cached_property
    def saved(self):
        """What was just put on record, shown back."""
        return self._saved and saved.saved(self.user, self._saved, self.today, self.organisation)

    @cached_property
    def just_now(self):
        """The deal whose next step is dated today and of whose buyer nothing is on record today."""
        if self._saved:
            return None
        return next((deal for deal in self.deals.dated if self._met(deal)), None)

    def _met(self, deal):
        heard = deal.last_buyer_activity_at
        silent = heard is None or local_date(heard, self.organisation) < self.today
        return deal.next_step_on == self.today and silent and str(deal.pk) != self.put_off

    # the sentence under the date

    @property
    def things(self):
        count = len(self.todo)
        if self.todo.more:
            return _("More than %d things to do.") % count
        if not count:
            return _("Nothing is due today.")
        words = ngettext("%s thing to do.", "%s things to do.", count)
        return words % in_words(count)

    @property
    def run_out(self):
        count = sum(clock.is_soon for clock in self.clocks)
        if not count:
            return ""
        words = ngettext("%s clock runs out within a week", "%s clocks run out within a week", count)
        return words % in_words(count)

    @property
    def wait(self):
        count = len(self.gates)
        if not count:
            return ""
        if self.gates.more:
            words = (
                _("more than %d deals wait at a gate")
                if self.run_out
                else _("More than %d deals wait at a gate")
            )
            return words % count
        words = ngettext("%s deal waits at a gate", "%s deals wait at a gate", count)
        number = in_words(count)
        return words % (number.lower() if self.run_out else number)
