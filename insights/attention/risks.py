"""Open deals at risk, each with every cause that applies, in SQL; and the same in words for those that are shown."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import BooleanField, Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, IsNull, LessThan
from django.utils.translation import gettext_lazy as _

from deals.models import (
    Activity,
    ActivityKind,
    Answer,
    Approval,
    Decision,
    FieldChange,
    StakeholderRole,
)
from deals.overview import erosion
from pipeline.process import process_of
from pipeline.vocabulary import Evidence, RuleAction, StakeholderRoleName
from team.calendar import start_of

SILENT, NO_STEP, SINGLE, PAST_CLOSE, BROKEN = "silent", "no_step", "single", "past_close", "broken"
NO_BUYER, LEFT, EXCEPTION, APPROVAL = "no_buyer", "left", "exception", "approval"
TRACELESS, PUSHED = "traceless", "pushed"
WORDS = {
    SILENT: _("the buyer is silent"),
    NO_STEP: _("next step missing or past"),
    SINGLE: _("fewer than two contacts"),
    PAST_CLOSE: _("expected close has passed"),
    BROKEN: _("a gate behind it is broken"),
    NO_BUYER: _("no economic buyer"),
    LEFT: _("champion or economic buyer has left"),
    EXCEPTION: _("exception expiring or expired"),
    APPROVAL: _("our own approval is late"),
    TRACELESS: _("nothing in the buyer's own hand"),
    PUSHED: _("pushed twice or more"),
}
# Days of silence where a pipeline has no rule that re-engages.
SILENCE = 14
TRACE_DAYS = 45
EXPIRING_DAYS = 7
CONTACTS = 2
PUSHES = 2
# Without them a deal stands still.
NEEDED = [StakeholderRoleName.CHAMPION, StakeholderRoleName.ECONOMIC_BUYER]
# Acts of the buyer that leave something of their own behind.
TRACES = [ActivityKind.EMAIL, ActivityKind.FORM, ActivityKind.INVITATION, ActivityKind.CONFIRMATION]


@dataclass(frozen=True)
class Risks:
    """The causes as conditions over the open deals of a lens."""

    lens: object

    @cached_property
    def processes(self):
        return [process_of(pipeline) for pipeline in self.lens.pipelines]

    @cached_property
    def conditions(self):
        """{cause: condition}, cheap ones first: of several joined by OR the rest is then not looked at."""
        today = self.lens.today
        return {
            NO_STEP: Q(next_step_on__lt=self.lens.grace) | Q(next_step_on__isnull=True) | Q(next_step=""),
            PAST_CLOSE: Q(expected_close__lt=today),
            EXCEPTION: Q(exception_until__lte=today + timedelta(days=EXPIRING_DAYS)),
            SILENT: self.silent(),
            BROKEN: Q(holds_until__lt=today) | Q(erosion.eroded(today)),
            NO_BUYER: Q(stage__in=self._stages(_asks_for_buyer)) & Q(IsNull(_buyer(), True)),
            LEFT: _has_left(),
            SINGLE: Q(stage__in=self._stages(_past_qualifying)) & Q(LessThan(engaged(), CONTACTS)),
            APPROVAL: Q(_late_approval(today)),
            TRACELESS: self._traceless(),
            PUSHED: Q(GreaterThanOrEqual(pushes(), PUSHES)),
        }

    def deals(self, cause=""):
        """Open deals at risk, or those at risk for one cause."""
        if cause in self.conditions:
            return self.lens.open().filter(self.conditions[cause])
        return self.lens.open().filter(Q(*self.conditions.values(), _connector=Q.OR))

    def marked(self, deals):
        """The deals with a column `risk_...` for each cause, and the numbers its words need."""
        marks = {
            f"risk_{cause}": Case(When(condition, then=True), default=False, output_field=BooleanField())
            for cause, condition in self.conditions.items()
        }
        return deals.annotate(**marks, engaged=engaged(), pushes=pushes(), quiet_at=quiet_since())

    def silent(self):
        """Nothing from the buyer for as long as the pipeline's rule waits before it re-engages, or 14 days."""
        own = {process.pipeline_id: _patience(process) for process in self.processes}
        others = [pk for pk, days in own.items() if days != SILENCE]
        found = ~Q(pipeline__in=others) & self._quiet_for(SILENCE) if others else self._quiet_for(SILENCE)
        for pipeline_id in others:
            found |= Q(pipeline=pipeline_id) & self._quiet_for(own[pipeline_id])
        return found & (Q(awaiting_since__isnull=True) | Q(awaiting_since__lte=self.lens.now))

    def _quiet_for(self, days):
        return Q(LessThan(quiet_since(), self._days_ago(days - 1)))

    def _days_ago(self, days):
        return start_of(self.lens.today - timedelta(days=days), self.lens.organisation)

    def _stages(self, test):
        return [
            stage.stage_id for process in self.processes for stage in process.stages if test(process, stage)
        ]

    def _traceless(self):
        since = self._days_ago(TRACE_DAYS - 1)
        acts = Activity.objects.filter(
            deal=OuterRef("pk"), from_buyer=True, kind__in=TRACES, happened_at__gte=since
        )
        shown = Answer.objects.filter(
            deal=OuterRef("pk"), recorded_at__gte=since, evidence__in=[Evidence.OWN, Evidence.FILE]
        )
        young = Q(created_at__gte=since) | Q(known_since__gte=since)
        return ~young & ~Q(Exists(acts.order_by())) & ~Q(Exists(shown.order_by()))


def quiet_since():
    return Coalesce("last_buyer_activity_at", "known_since", "created_at")


def engaged():
    """How many of the buyer's people took part in something."""
    seats = Activity.attendees.through.objects.filter(
        activity__deal=OuterRef("pk"), activity__from_buyer=True
    )
    counted = (
        seats.order_by().values("activity__deal").annotate(n=Count("contact", distinct=True)).values("n")
    )
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def pushes():
    """How often a later expected close took the place of an earlier one."""
    rows = FieldChange.objects.filter(deal=OuterRef("pk"), field="expected_close", new__gt=F("old"))
    counted = rows.exclude(old="").order_by().values("deal").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _buyer():
    """One of the economic buyers. Not as EXISTS, for which PostgreSQL would read the buyers of all deals ever."""
    held = StakeholderRole.objects.filter(
        stakeholder__deal=OuterRef("pk"), role=StakeholderRoleName.ECONOMIC_BUYER
    )
    return Subquery(held.order_by().values("pk")[:1])


def _has_left():
    """Whoever held one of the parts that are needed left the company, and nobody who is there holds it."""
    found = Q()
    for role in NEEDED:
        held = StakeholderRole.objects.filter(stakeholder__deal=OuterRef("pk"), role=role).order_by()
        gone = held.filter(stakeholder__contact__left_at__isnull=False)
        there = held.filter(stakeholder__contact__left_at__isnull=True)
        found |= Q(Exists(gone)) & ~Q(Exists(there))
    return found


def _late_approval(today):
    """Of our own side."""
    ours = Approval.objects.order_by().filter(deal=OuterRef("pk"), contact__isnull=True)
    return Exists(ours.filter(decision=Decision.PENDING, due_on__lt=today))


def _patience(process):
    rules = [rule for rule in process.rules if rule.action == RuleAction.RE_ENGAGE and rule.stage_id is None]
    return min((rule.days for rule in rules if rule.is_on and not rule.business_days), default=SILENCE)


def _asks_for_buyer(process, stage):
    roles = [role for d in process.criteria_before(stage.stage_id) for role in d.role_list]
    return StakeholderRoleName.ECONOMIC_BUYER in roles


def _past_qualifying(process, stage):
    first = next((other for other in process.stages if other.qualifies), None)
    return first is not None and process.index(stage.stage_id) > process.index(first.stage_id)
