"""Everything the page of one deal shows, read in a fixed number of queries."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.process import process_of
from pipeline.vocabulary import Kind as CriterionKind
from team.calendar import grace_date, local_date
from team.formats import day_short, days

from ..approving.agreementpanel import AgreementPanel
from ..asking import exceptionpage
from ..gate import Reading, State
from ..learning.rivals import Rivals
from ..models import Activity, Kind, Status
from ..moves import may_edit
from ..moves.verbs import UNDO_DAYS, UNDOABLE
from ..overview.cards import pause_words
from ..people import seats
from ..recaps.shown import of_deal
from ..rows.rows_within import moment
from . import recaptimeline, timeline, why
from .advicepanel import OnAdvice
from .figure_events import Figures
from .firing_events import Firings
from .silence import Face

EXPIRING_DAYS = 14


@dataclass
class Step:
    """One stage on the path: its pips, and since when or how long."""

    stage: object
    state: str  # done, cur, fut
    held: int = 0
    claimed: int = 0
    total: int = 0
    words: str = ""


class DealPage(OnAdvice):
    """`deal` comes with is_proven and its related rows; `user` decides what may be done."""

    def __init__(self, deal, user, organisation, cursor=None, now=None):
        self.deal, self.user, self.cursor = deal, user, cursor
        self.now = now or timezone.now()
        self.organisation = organisation
        self.today = local_date(self.now, self.organisation)
        self.process = process_of(deal.pipeline)
        self.reading = Reading(deal, self.process, self.today)

    @cached_property
    def may_edit(self):
        return may_edit(self.user, self.deal)

    @property
    def in_process(self):
        return self.deal.stage_id in self.process

    @property
    def stage(self):
        return self.process.stage(self.deal.stage_id) if self.in_process else self.deal.stage

    @property
    def next_stage(self):
        return self.process.stage_after(self.deal.stage_id) if self.in_process else None

    @property
    def can_move(self):
        return self.may_edit and self.deal.status == Status.OPEN

    @cached_property
    def here(self):
        return self.reading.here() if self.in_process else []

    @property
    def asked_here(self):
        return [finding for finding in self.here if finding.state != State.EXEMPT]

    @property
    def open_here(self):
        return [finding for finding in self.asked_here if not finding.holds]

    @property
    def held_here(self):
        return [finding for finding in self.asked_here if finding.holds]

    @property
    def exempt_here(self):
        return [finding for finding in self.here if finding.state == State.EXEMPT]

    @cached_property
    def before(self):
        return self.reading.before() if self.in_process else []

    @property
    def open_before(self):
        return [finding for finding in self.before if not finding.holds]

    @property
    def spared_before(self):
        """Asked in earlier stages, but not of this deal: a publication left it alone."""
        spared = self.reading.spared
        return [f for f in self.before if f.state == State.EXEMPT and f.criterion_id in spared]

    @cached_property
    def proofs(self):
        return why.proofs(self.reading) if self.in_process else []

    @property
    def proof_count(self):
        return sum(len(findings) for _stage, findings in self.proofs)

    @cached_property
    def causes(self):
        return why.causes(self.deal, self.before, self.today, grace_date(self.today, self.organisation))

    @cached_property
    def broken(self):
        """What held when its gate was passed and holds no longer."""
        return why.broken(self.open_before, self.transitions)

    @cached_property
    def agreement(self):
        return AgreementPanel(self.deal, self.process, self.reading, self.today)

    @property
    def arrival(self):
        """The ledger row that put the deal where it is."""
        return next((row for row in reversed(self.transitions) if row.to_stage_id != row.from_stage_id), None)

    @property
    def arrival_words(self):
        return timeline.move_words(self.arrival) if self.arrival else ""

    # what happened

    @cached_property
    def transitions(self):
        related = ("actor", "from_stage", "to_stage", "loss_reason", "approver", "version")
        rows = self.deal.transitions.select_related(*related).defer("version__snapshot")
        return list(rows.order_by("seq"))

    @cached_property
    def _events(self):
        asked = self.exceptions.rows
        sent = [*recaptimeline.events(self.recaps), *self.firings.events(), *self.figures.events()]
        return timeline.events(self.deal, self.process, self.transitions, self.cursor, asked, sent)

    @cached_property
    def figures(self):
        """How amount and expected close changed; read with the deal."""
        return Figures.of(self.deal)

    @cached_property
    def recaps(self):
        return of_deal(self.deal, self.now) if getattr(self.deal, "had_recap", True) else []

    @cached_property
    def exceptions(self):
        return exceptionpage.OnDeal(self.deal, self.user, self.today, self.now)

    @property
    def events(self):
        return self._events[0]

    @property
    def more(self):
        return self._events[1]

    @property
    def undo(self):
        """The last ledger row, where it can still be undone."""
        last = self.transitions[-1]
        fresh = self.now - last.recorded_at <= timedelta(days=UNDO_DAYS)
        return last if self.may_edit and last.kind in UNDOABLE and fresh else None

    # the path

    @cached_property
    def path(self):
        place = self.process.index(self.deal.stage_id) if self.in_process else 0
        return [self._step(number, stage, place) for number, stage in enumerate(self.process.stages)]

    def _step(self, number, stage, place):
        asked = self.process.exit_criteria(stage.stage_id)
        if number > place:
            return Step(stage, "fut", total=len(asked) or 1, words=self._ahead(len(asked)))
        found = self.reading.of(asked) if number < place else self.here
        kept = [f for f in found if f.state != State.EXEMPT]
        held = sum(f.holds or (number < place and _was_next_step(f)) for f in kept)
        claimed = len(kept) - held if number < place else sum(f.state == State.CLAIMED for f in kept)
        state = "cur" if number == place and self.deal.status != Status.WON else "done"
        return Step(stage, state, held, claimed, len(kept) or 1, self._time_in(stage, state))

    def _ahead(self, count):
        return _("%d criteria") % count if count != 1 else _("1 criterion")

    def _time_in(self, stage, state):
        """'Since 16 Nov, 9 days', '23 Oct, 24 days', or that it was passed over."""
        entered, left = self._stay(stage.stage_id)
        if entered is None:
            return _("Passed")
        count = days(((left or self.now) - entered).days)
        when = day_short(entered)
        return (
            _("Since %(day)s, %(days)s") % {"day": when, "days": count}
            if state == "cur"
            else f"{when}, {count}"
        )

    def _stay(self, stage_id):
        """When the deal last came into the stage, and when it left it again."""
        entered = left = None
        for row in self.transitions:
            if row.to_stage_id == stage_id and row.from_stage_id != stage_id:
                entered, left = row.happened_at, None
            elif row.from_stage_id == stage_id and (row.to_stage_id != stage_id or row.kind in _ENDS):
                left = row.happened_at
        return entered, left

    # next step, proofs that run out, silence

    @cached_property
    def agreed(self):
        """Who of the buyer agreed to the next step, as an answer; None where nobody did."""
        kinds = self.process.by_criterion
        for criterion_id, answer in self.reading.answers.items():
            definition = kinds.get(criterion_id)
            same = answer.day == self.deal.next_step_on and answer.text == self.deal.next_step
            if definition and definition.kind == CriterionKind.NEXT_STEP and answer.opens and same:
                return answer
        return None

    @property
    def next_step_is_past(self):
        return bool(self.deal.next_step_on and self.deal.next_step_on < self.today)

    @cached_property
    def expiring(self):
        """[(finding, later conversation or None)] of proofs that have lapsed or will within two weeks."""
        soon = self.today + timedelta(days=EXPIRING_DAYS)
        found = [
            f for f in [*self.before, *self.here] if f.answer and f.answer.opens and f.answer.holds_until
        ]
        return [(f, self._later_talk(f.answer)) for f in found if f.answer.holds_until <= soon]

    def _later_talk(self, answer):
        since = answer.activity.happened_at if answer.activity else answer.recorded_at
        talk = self.last_talk
        return talk if talk and talk.happened_at > since else None

    @property
    def last_talk(self):
        """The last thing heard from the buyer, as it was read with the deal."""
        if self.deal.talk_id is None:
            return None
        return Activity(
            pk=self.deal.talk_id,
            kind=self.deal.talk_kind,
            happened_at=self.deal.talk_at,
            subject=self.deal.talk_subject,
        )

    @cached_property
    def clock(self):
        return Face.of(self.deal, self.process, self.organisation, self.today, self.firings.fired)

    @cached_property
    def firings(self):
        """What rules did to it."""
        return Firings(self.deal, self.organisation, self.now)

    # people, tasks, files

    @cached_property
    def people(self):
        return seats.of(self.deal)

    @cached_property
    def rivals(self):
        return Rivals.of(self.deal)

    @cached_property
    def tasks(self):
        return list(self.deal.tasks.filter(done_at=None, cancelled_at=None).select_related("assignee")[:20])

    @cached_property
    def files(self):
        """Read with the deal."""
        return [row | {"added_at": moment(row["added_at"])} for row in self.deal.newest_files]

    # closed deals

    @property
    def status_words(self):
        """'Paused until 3 Sep: the buyer is on leave'."""
        if self.deal.status != Status.PAUSED or not self.deal.paused_until:
            return self.deal.get_status_display()
        why = next((row.reason for row in reversed(self.transitions) if row.kind == Kind.PAUSE), "")
        return pause_words(self.deal.paused_until, why)

    @property
    def age_days(self):
        return ((self.deal.closed_at or self.now) - self.deal.created_at).days


_ENDS = (Kind.WIN, Kind.LOSE, Kind.ARCHIVE)


def _was_next_step(finding):
    """A next step binds when its gate is passed; afterwards only the deal's own date counts."""
    return finding.definition.kind == CriterionKind.NEXT_STEP
