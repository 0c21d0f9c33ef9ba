"""What a card of the board says about a deal, and why: chips, age, with whom the decision is."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.vocabulary import RuleAction
from team import formats
from team.calendar import calendar_of, latest_start, local_date

from .. import clocks
from ..models import Status
from ..moves import may_edit
from ..timers import due

CHIPS = 2  # more would hide the card's facts
ARCHIVE_WARNING_DAYS = 7


@dataclass(frozen=True)
class Chip:
    icon: str
    text: str
    tone: str = "warn"


@dataclass(frozen=True)
class Day:
    """Today as the organisation counts it, for a whole page of cards."""

    process: object
    organisation: object
    today: date
    user: object
    quiet: dict = field(default_factory=dict, compare=False)

    def local(self, moment):
        return local_date(moment, self.organisation)

    def quiet_since(self, deal):
        """A deal that waits for the buyer since this date or longer is due for a follow-up; None without a timer."""
        place = deal.stage_id, deal.team_id
        if place not in self.quiet:
            self.quiet[place] = self._follow_up_cutoff(*place)
        return self.quiet[place]

    def _follow_up_cutoff(self, stage_id, team_id):
        rule = self.process.rule("follow_up", stage_id)
        if rule is None or rule.is_shadow:
            return None
        if rule.business_days:
            return latest_start(self.today, rule.days, calendar_of(team_id))
        return self.today - timedelta(days=rule.days)

    def archives_in(self, deal):
        """Days until silence archives the deal; None without such a timer, or where a manager decides."""
        rule = self.process.rule("archive", deal.stage_id)
        if rule is None or rule.is_shadow or deal.next_due_at is None:
            return None
        heard = due.quiet_from(deal, calendar_of(deal.team_id))
        return (max(heard + timedelta(days=rule.days), *self._windows(deal)) - self.today).days

    def _windows(self, deal):
        """The day the last attempt's window ends, as far as what comes next tells it."""
        coming = self.process.rule_by_id(deal.next_due_rule_id)
        if coming is None or coming.action not in (RuleAction.RE_ENGAGE, RuleAction.ARCHIVE):
            return [date.min]
        on = local_date(deal.next_due_at, calendar_of(deal.team_id))
        if coming.action == RuleAction.ARCHIVE:
            return [on]
        attempts = [r for r in self.process.timers(deal.stage_id) if r.action == RuleAction.RE_ENGAGE]
        return [on + timedelta(days=sum(r.window_days for r in attempts if r.days >= coming.days))]


def pause_words(until, why=""):
    """'Paused until 3 Sep: the buyer is on leave'."""
    words = _("Paused until %s") % formats.day_short(until)
    return f"{words}: {Truncator(why).chars(60)}" if why else words


class Card:
    """One deal, ready to be shown."""

    def __init__(self, deal, day, decider="", options=""):
        self.deal, self.day, self.decider, self.options = deal, day, decider, options
        self.silent = deal.status == Status.RE_ENGAGING
        self.paused = deal.status == Status.PAUSED
        self.may_move = may_edit(day.user, deal)

    @property
    def url(self):
        return f"/deals/{self.deal.pk}/"

    @property
    def move_url(self):
        return f"/deals/{self.deal.pk}/move/"

    @property
    def title(self):
        return self.deal.company.name

    @property
    def subtitle(self):
        """The deal's name without the company's, which stands above it."""
        name, company = self.deal.name, self.deal.company.name
        return name.removeprefix(company).lstrip(" :,-–") if name.startswith(company) else name

    @property
    def claimed(self):
        """Counts as pipeline, but not as proven."""
        return self.deal.counts_as_pipeline and self.deal.status == Status.OPEN and not self.deal.is_proven

    @property
    def open_here(self):
        return self.deal.total_here - self.deal.held_here

    @property
    def open(self):
        """Criteria that keep it from the next stage."""
        return self.open_here + self.deal.open_before

    @property
    def hands_over(self):
        """The next step is somebody else's than the owner's."""
        return self.deal.next_owner_id != self.deal.owner_id

    @property
    def ready(self):
        return self.open == 0 and self.deal.total_here > 0

    @property
    def age(self):
        """Days in this stage."""
        return max(0, (self.day.today - self.day.local(self.deal.stage_entered_at)).days)

    @property
    def dated(self):
        return bool(self.deal.next_step and self.deal.next_step_on)

    @property
    def late(self):
        return self.dated and self.deal.next_step_on < self.day.today

    @property
    def stage_name(self):
        known = self.deal.stage_id in self.day.process
        return self.day.process.stage(self.deal.stage_id).name if known else ""

    @property
    def decision(self):
        """Where the decision stands: with whom, and since when; a date the buyer named has yet to come."""
        if self.deal.awaiting_since:
            whom, since = self.decider or _("the buyer"), self.deal.awaiting_since
        else:
            whom, since = _("us"), self.deal.last_buyer_activity_at or clocks.since(self.deal)
        on = self.day.local(since)
        words = (
            _("With %(whom)s, who named %(day)s") if on > self.day.today else _("With %(whom)s since %(day)s")
        )
        return words % {"whom": whom, "day": formats.day_short(on)}

    @property
    def chips(self):
        found = [
            self._paused(),
            self._blocked(),
            self._handed_over(),
            self._exception(),
            self._unproven(),
            self._approval(),
            self._quiet(),
            self._archive(),
        ]
        return [chip for chip in found if chip][:CHIPS]

    def _paused(self):
        if not self.paused:
            return None
        until, why = self.deal.paused_until, getattr(self.deal, "paused_because", "")
        return Chip("pause", pause_words(until, why) if until else _("Paused"), "")

    def _blocked(self):
        if not (self.deal.refused and self.open and self.deal.status == Status.OPEN):
            return None
        return Chip("lock", _("Blocked: %d open") % self.open)

    def _handed_over(self):
        """Its owner has not accepted it yet."""
        waits = getattr(self.deal, "handed_over", False)
        return Chip("hand", _("Not accepted yet")) if waits else None

    def _exception(self):
        until = self.deal.exception_until
        if until is None:
            return None
        if until < self.day.today:
            return Chip("flag", _("Exception expired"), "risk")
        return Chip("flag", _("Exception until %s") % formats.day_short(until))

    def _unproven(self):
        """Why its place is only claimed, where that is not said elsewhere on the card."""
        lapsed = self.deal.holds_until and self.deal.holds_until < self.day.today
        if lapsed:
            return Chip("unlink", _("Gate broken: proof too old"), "risk")
        count = self.deal.open_before
        if not count:
            return None
        if self.deal.eroded:
            return Chip("unlink", _("Gate broken: %d open") % count, "risk")
        if self.deal.landed_in_id == self.deal.stage_id:
            return Chip("import", _("Imported: %d open") % count)
        return Chip("warn", ngettext("%d unproven earlier", "%d unproven earlier", count) % count)

    def _approval(self):
        return Chip("clock", _("Approval late"), "risk") if self.deal.approval_late else None

    def _quiet(self):
        cutoff, since = self.day.quiet_since(self.deal), self.deal.awaiting_since
        if self.silent or self.paused or not (cutoff and since):
            return None
        if due.waits_from(self.deal, calendar_of(self.deal.team_id)) > cutoff:
            return None
        return Chip("clock", _("Quiet since %s") % formats.day_short(self.day.local(since)))

    def _archive(self):
        left = None if self.paused else self.day.archives_in(self.deal)
        if left is None or not (self.silent or left <= ARCHIVE_WARNING_DAYS):
            return None
        tone = "risk" if left <= ARCHIVE_WARNING_DAYS else ""
        text = _("Archives in %d d") % left if left > 0 else _("Archive is due")
        return Chip("clock", text, tone)
