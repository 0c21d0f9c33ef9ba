"""Clocks that run: how long the buyer has been silent, and what comes when."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.process import process_of
from pipeline.vocabulary import RuleAction, RuleTrigger
from team import formats
from team.calendar import calendar_of, local_date

from ..models import Status
from ..timers import due

SOON_DAYS = 7
HURRY_DAYS = 3


@dataclass(frozen=True)
class Fuse:
    """The clock of one deal that nobody's word has stopped yet."""

    deal: object
    today: date
    has_task: bool = False

    @property
    def rule(self):
        return self.deal.next_due_rule

    @property
    def on(self):
        return local_date(self.deal.next_due_at, calendar_of(self.deal.team_id))

    @property
    def since(self):
        """The day the rule counts from: as due.py computed it, by the days that a pause lasted later."""
        calendar = calendar_of(self.deal.team_id)
        if self.rule.trigger == RuleTrigger.NO_RESPONSE and self.deal.awaiting_since:
            return due.waits_from(self.deal, calendar)
        return due.quiet_from(self.deal, calendar)

    @property
    def whole(self):
        return max((self.on - self.since).days, 1)

    @property
    def gone(self):
        return min(max((self.today - self.since).days, 0), self.whole)

    @property
    def left(self):
        return (self.on - self.today).days

    @property
    def tone(self):
        if self.rule.action == RuleAction.TASK:
            return "idle"
        return "risk" if self.left <= HURRY_DAYS else "warn"

    @property
    def is_soon(self):
        return self.left <= SOON_DAYS

    @property
    def silence(self):
        """'8 of 14 days silent'."""
        if self.since > self.today:
            return _("The buyer named %s") % formats.day(self.since)
        words = ngettext("%(gone)d of %(whole)d day silent", "%(gone)d of %(whole)d days silent", self.whole)
        return words % {"gone": self.gone, "whole": self.whole}

    @property
    def coming(self):
        """'Re-engages Tue 1 Dec'; what has begun goes on: 'Attempt 2 Tue 1 Dec'."""
        day = formats.day(self.on) if self.left > 0 else _("today")
        if self.deal.status == Status.RE_ENGAGING and self.rule.action == RuleAction.RE_ENGAGE:
            return _("Attempt %(number)d %(day)s") % {"number": self._attempts()[0] + 1, "day": day}
        words = {
            RuleAction.RE_ENGAGE: _("Re-engages %s"),
            RuleAction.ARCHIVE: _("Archives %s"),
            RuleAction.TASK: _("Follow-up %s"),
        }
        return words.get(self.rule.action, f"{self.rule.get_action_display()} %s") % day

    @property
    def stands(self):
        """What was done about it so far."""
        if self.deal.status == Status.RE_ENGAGING:
            made, of = self._attempts()
            return _("Attempt %(made)d of %(of)d made") % {"made": made, "of": of} if made else ""
        return _("Follow-up is due") if self.has_task else ""

    def _attempts(self):
        timers = process_of(self.deal.pipeline).timers(self.deal.stage_id)
        attempts = [rule.pk for rule in timers if rule.action == RuleAction.RE_ENGAGE]
        if self.rule.pk in attempts:
            return attempts.index(self.rule.pk), len(attempts)
        return len(attempts), len(attempts)
