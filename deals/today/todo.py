"""What is to do, oldest first: tasks, and deals that have no next step any more."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.vocabulary import RuleTrigger
from team import formats

from .. import edits
from ..timers import firing_words


@dataclass(frozen=True)
class Act:
    """The button that does it."""

    url: str
    icon: str
    label: str


@dataclass
class Row:
    """One thing to do. `task` is empty for a deal that lacks a next step."""

    deal: object
    today: date
    task: object = None
    # The oldest date of a next step that still counts.
    grace: date | None = None

    @property
    def key(self):
        return f"task-{self.task.pk}" if self.task else f"step-{self.deal.pk}"

    @property
    def day(self):
        """Since when it waits; a deal that never had a next step waits from today."""
        return self.task.due_on if self.task else self.deal.next_step_on or self.today

    @property
    def title(self):
        return self.task.title if self.task else _("Agree on a next step")

    @property
    def was(self):
        """What its form is to replace."""
        return edits.shown(self.deal, "next_step")

    @property
    def why(self):
        """What it is for and who made it, in words."""
        if self.task is None:
            return self._lacking()
        made_by = self._rule()
        told = [self.task.purpose.rstrip("."), made_by.rstrip(".")]
        return " ".join(f"{text[0].upper()}{text[1:]}." for text in told if text)

    def _lacking(self):
        if self.deal.next_step_on and self.deal.next_step:
            day = formats.day(self.deal.next_step_on)
            if self.grace and self.deal.next_step_on >= self.grace:
                return _("The one of %s has passed.") % day
            return _("The one of %s has passed; the deal counts as claimed.") % day
        return _("It has none; the deal counts as claimed.")

    def _rule(self):
        firing = self.task.firing
        if firing is None:
            return ""
        said = firing_words.why(firing.definition, firing.since)
        if said.casefold() in self.task.purpose.casefold():
            return _("Made by a rule.")
        return _("Made by a rule: %s") % said

    @property
    def of_rule(self):
        return bool(self.task and self.task.firing_id)

    @property
    def late_days(self):
        return (self.today - self.day).days

    @property
    def chip(self):
        """(tone, words) of how late it is."""
        late = self.late_days
        if late <= 0:
            return "", _("Today") if self.task or self.deal.next_step_on else _("No next step")
        if late == 1:
            return "warn", _("Since yesterday")
        return "risk", ngettext("%d day late", "%d days late", late) % late

    @property
    def act(self):
        """Write to who is silent, call who has to agree, else open the deal."""
        if self.task is None:
            return Act(f"{reverse('log', args=[self.deal.pk])}?kind=call", "phone", _("Call"))
        trigger = self.task.firing.definition.trigger if self.of_rule else ""
        if trigger in (RuleTrigger.NO_RESPONSE, RuleTrigger.NO_ACTIVITY) and self.task.write_to:
            subject = quote(self.deal.name)
            return Act(f"mailto:{quote(self.task.write_to, safe='@')}?subject={subject}", "mail", _("Write"))
        if trigger == RuleTrigger.NEXT_STEP_PASSED:
            return Act(reverse("log", args=[self.deal.pk]), "note", _("Log"))
        return Act(reverse("deal", args=[self.deal.pk]), "doc", _("Open"))


def rows(tasks, deals, today, grace):
    """Tasks and deals without a next step, oldest first, on the same day the one with more money."""
    told = {
        t.deal_id for t in tasks if t.firing and t.firing.definition.trigger == RuleTrigger.NEXT_STEP_PASSED
    }
    found = [Row(task.deal, today, task) for task in tasks]
    found += [Row(deal, today, grace=grace) for deal in deals if deal.pk not in told]
    return sorted(found, key=lambda row: (row.day, -row.deal.amount_base, row.key))
