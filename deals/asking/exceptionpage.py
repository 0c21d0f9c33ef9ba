"""What pages show of exceptions: on one deal, and all that wait, live or were decided."""

from datetime import timedelta
from functools import cached_property
from itertools import chain

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from pipeline.process import process_of
from team.formats import day_short, days

from ..gate import TOLD_WITH
from ..models import LIVE_STATUSES, Deal, ExceptionState, GateException
from ..moves.exceptions import LONGEST_DAYS
from ..today.readings import readings
from ..waiving import granters, waivers
from ..waiving.exception_debt import Debt
from .exceptions import WAITING

MOST = 50
RELATED = ["asked_by", "decided_by", "to_stage", "transition__from_stage"]
# For exceptions of several deals: a statement each instead of one with some twenty tables, which takes PostgreSQL
# longer to plan than to answer.
FETCHED = [
    Prefetch("deal", Deal.objects.select_related("pipeline__version", "stage")),
    "asked_by", "decided_by", "to_stage", "waived",
]  # fmt: skip


class Shown:
    """One exception as a page shows it. Its deal comes with its pipeline's version."""

    def __init__(self, exception, deal, today):
        self.exception, self.deal, self.today = exception, deal, today
        self.process = process_of(deal.pipeline)

    def __getattr__(self, name):
        return getattr(self.exception, name)

    @cached_property
    def labels_with_ids(self):
        """What is waived, in words; what a later version no longer asks is left out."""
        known, asked = self.process.by_criterion, [row.criterion_id for row in self.waived.all()]
        return [(pk, known[pk].label) for pk in asked if pk in known]

    @property
    def labels(self):
        return [label for _pk, label in self.labels_with_ids]

    @property
    def is_waiting(self):
        return self.state == ExceptionState.ASKED and self.seen_seq == self.deal.seq

    @property
    def is_stale(self):
        return self.state == ExceptionState.ASKED and self.seen_seq != self.deal.seq

    @property
    def is_live(self):
        return self.state == ExceptionState.GRANTED and self.ended_at is None

    @property
    def is_expired(self):
        return self.is_live and self.expires_on < self.today

    @property
    def stage_name(self):
        """The stage asked for as it is called now."""
        known = self.to_stage_id in self.process
        return self.process.stage(self.to_stage_id).name if known else str(self.to_stage)

    @property
    def state_words(self):
        """Where it stands, for a list of one's own."""
        if self.is_waiting:
            return _("Waits to be decided")
        if self.is_stale:
            return _("The deal was moved meanwhile: ask again if you still need it")
        if self.is_live:
            return self.until
        if self.state == ExceptionState.GRANTED:
            return _("Over: the deal left the stage")
        return self.get_state_display()

    @property
    def until(self):
        if self.is_expired:
            return _("Expired on %s") % day_short(self.expires_on)
        return _("Until %s") % day_short(self.expires_on)

    @property
    def countdown(self):
        left = (self.expires_on - self.today).days
        if left < 0:
            return _("Expired %s ago: the next gate asks for it again.") % days(-left)
        if not left:
            return _("Expires today.")
        return _("%s left.") % days(left)


class OnDeal:
    """All that were ever asked for on one deal, which comes with `had_exception` where a page annotates it."""

    def __init__(self, deal, user, today, now):
        self.deal, self.user, self.today, self.now = deal, user, today, now

    @cached_property
    def rows(self):
        if not getattr(self.deal, "had_exception", True):
            return []
        return list(self.deal.exceptions.select_related(*RELATED).prefetch_related("waived"))

    @cached_property
    def shown(self):
        return [Shown(row, self.deal, self.today) for row in self.rows]

    @property
    def live(self):
        return [each for each in self.shown if each.is_live]

    @cached_property
    def waiting(self):
        return next((each for each in self.shown if each.is_waiting), None)

    @cached_property
    def may_decide(self):
        waiting = self.waiting
        return bool(waiting and not granters.why_not(self.user, self.deal, waiting.asked_by, self.now))


class Asked(Shown):
    """One that waits for a decision: what is open now, and whether this person may decide. `reading` is None where the
    deal stands in no stage of its process, `owners` are those of the last days."""

    def __init__(self, exception, reading, owners, page):
        super().__init__(exception, exception.deal, page.today)
        today, organisation, self.reading = page.today, page.organisation, reading
        self.why_not = granters.why_not(page.user, self.deal, exception.asked_by, page.now, owners)
        self.expiry = today + timedelta(days=organisation.exception_days)
        self.latest = today + timedelta(days=LONGEST_DAYS)
        self.errors, self.typed = {}, {"note": "", "expires_on": self.expiry.isoformat()}

    @cached_property
    def _judgement(self):
        named = {row.criterion_id for row in self.waived.all()}
        known = self.to_stage_id in self.process and self.reading is not None
        return self.reading.for_move(self.to_stage_id, waiving=named) if known else None

    @property
    def named(self):
        """What would be waived: asked for, and open still."""
        return self._judgement.waived if self._judgement else []

    @property
    def in_the_way(self):
        """What is open and was not asked for: granting is refused until it holds."""
        return self._judgement.open if self._judgement else []


class ExceptionsPage:
    """All exceptions of deals this person sees. `problem` is (id, DecisionForm, title, text) of a refused decision."""

    def __init__(self, user, organisation, today, now, problem=None):
        self.user, self.organisation, self.today, self.now = user, organisation, today, now
        self.problem = problem

    @cached_property
    def deals(self):
        return Deal.objects.visible_to(self.user)

    @cached_property
    def _rows(self):
        """{name of a list: its exceptions}, with all that is shown of them, read for the lists together."""
        lists = {
            "mine": self._of(asked_by=self.user).order_by("-asked_at", "-pk"),
            "live": self._of(**waivers.LIVE, deal__status__in=LIVE_STATUSES).order_by("expires_on", "pk"),
        }
        if self.user.is_manager:
            lists["waiting"] = self._of(WAITING).order_by("asked_at", "pk")
        found = {name: list(rows[:MOST]) for name, rows in lists.items()}
        prefetch_related_objects([*chain.from_iterable(found.values())], *FETCHED)
        return found

    def _of(self, *conditions, **columns):
        return GateException.objects.filter(*conditions, deal__in=self.deals, **columns)

    @cached_property
    def waiting(self):
        """What waits to be decided, the oldest first; empty for who decides on nothing."""
        rows = self._rows.get("waiting", [])
        deals = [each.deal for each in rows]
        known, owners = readings(deals, self.today, TOLD_WITH), granters.recent_owners_of(deals, self.now)
        found = [Asked(each, known.get(each.deal_id), owners[each.deal_id], self) for each in rows]
        for asked in found:
            if self.problem and self.problem["pk"] == asked.pk:
                asked.errors, asked.typed = self.problem["form"].errors, self.problem["form"].typed
        return found

    @cached_property
    def mine(self):
        return [Shown(each, each.deal, self.today) for each in self._rows["mine"]]

    @cached_property
    def live(self):
        """Granted and not mended, of live deals, the one that expires first at the top."""
        return [Shown(each, each.deal, self.today) for each in self._rows["live"]]

    @cached_property
    def debt(self):
        """For those who answer for a team or a process."""
        return Debt(self.deals, self.now) if self.user.is_manager else None
