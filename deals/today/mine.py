"""What of a person's tasks and deals belongs on their day. Two statements, however much there is."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Value, When

from pipeline.vocabulary import RuleAction, RuleTrigger

from ..models import Contact, Deal, Status, Task
from ..overview.board import refused_here

SHOWN = 30
FEW = 10
CLOCK_DAYS = 14
GATE_DAYS = 7
CHAIN = [RuleAction.RE_ENGAGE, RuleAction.ARCHIVE]
SILENCE = [RuleTrigger.NO_RESPONSE, RuleTrigger.NO_ACTIVITY]


@dataclass
class Part:
    """The rows of one panel, at most so many, and whether there are more."""

    rows: list = field(default_factory=list)
    more: bool = False

    @classmethod
    def of(cls, rows, most=SHOWN):
        return cls(rows[:most], len(rows) > most)

    def __iter__(self):
        return iter(self.rows)

    def __len__(self):
        return len(self.rows)


def unfinished(user, today):
    """(tasks due by today, tasks to come), each soonest first; more money first on the same day. One statement."""
    mine = Task.objects.unfinished().filter(assignee=user)
    is_awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=today)
    order = ["due_on", "-deal__amount_base", "pk"]
    due = mine.filter(is_awake, due_on__lte=today).order_by(*order)
    later = mine.filter(~is_awake | Q(due_on__gt=today)).order_by("due_on", "pk")
    slices = [Task.objects.filter(pk__in=some.values("pk")).order_by().values("pk")
              for some in (due[: SHOWN + 1], later[: FEW + 1])]  # fmt: skip
    rows = Task.objects.filter(pk__in=slices[0].union(slices[1], all=True)).select_related(
        "deal__company", "firing__definition"
    )
    rows = sorted(rows.annotate(**_whom_to_write()), key=lambda t: (t.due_on, -t.deal.amount_base, t.pk))
    is_due = [t.due_on <= today and not (t.snoozed_until and t.snoozed_until > today) for t in rows]
    return (
        Part.of([task for task, due in zip(rows, is_due, strict=True) if due]),
        Part.of([task for task, due in zip(rows, is_due, strict=True) if not due], FEW),
    )


def _whom_to_write():
    """Address and number of who was heard from last."""
    heard = Contact.objects.filter(
        activities__deal=OuterRef("deal"), activities__from_buyer=True, left_at__isnull=True
    ).order_by("-activities__happened_at", "pk")
    return {
        "write_to": Subquery(heard.exclude(email="").values("email")[:1]),
        "call_at": Subquery(heard.exclude(phone="").values("phone")[:1]),
    }


class Deals:
    """The deals of a person that ask something of them, by what they ask. One statement."""

    def __init__(self, user, today, now, tomorrow):
        self.today, self.tomorrow, self.soon = today, tomorrow, now + timedelta(days=CLOCK_DAYS)
        self.user = user
        asked = self._slices()
        nested = [Deal.objects.filter(pk__in=some.values("pk")).order_by().values("pk") for some in asked]
        found = Deal.objects.filter(pk__in=nested[0].union(*nested[1:])).annotate(refused=refused_here())
        found = found.select_related("company", "pipeline__version", "next_due_rule")
        self.all = sorted(found.order_by(), key=lambda deal: (-deal.amount_base, deal.pk))

    def _slices(self):
        mine = Deal.objects.made().filter(next_owner=self.user)
        acts = mine.filter(status=Status.OPEN)
        without = acts.filter(Q(next_step_on__isnull=True) | Q(next_step="") | Q(next_step_on__lt=self.today))
        undated_last = Case(
            When(next_step_on__isnull=True, then=Value(1)), default=Value(0), output_field=IntegerField()
        )
        still_open = Q(open_before__gt=0) | Q(held_here__lt=F("total_here"))
        soon = self.today + timedelta(days=GATE_DAYS)
        near = Q(next_step_on__gte=self.today, next_step_on__lte=soon)
        return [
            without.order_by(undated_last, "next_step_on", "-amount_base", "pk")[: SHOWN + 1],
            self._running().order_by("next_due_at", "pk")[: FEW + 1],
            acts.filter(still_open & (near | refused_here())).order_by("next_step_on", "pk")[: FEW + 1],
            acts.filter(next_step_on__gte=self.today, next_step_on__lte=self.tomorrow).order_by("pk")[:SHOWN],
        ]

    def _running(self):
        mine = Deal.objects.made().filter(Q(next_owner=self.user) | Q(owner=self.user))
        silent = Q(next_due_rule__trigger__in=SILENCE) | Q(next_due_rule__action__in=CHAIN)
        return mine.filter(silent, status__in=[Status.OPEN, Status.RE_ENGAGING], next_due_at__lte=self.soon)

    def _acts(self, deal):
        return deal.status == Status.OPEN and deal.next_owner_id == self.user.pk

    @property
    def without_next_step(self):
        """Longest overdue first; those without any date after them."""
        found = [deal for deal in self.all if self._acts(deal) and not self._has_step(deal)]
        return sorted(found, key=lambda d: (d.next_step_on is None, d.next_step_on or self.today))

    def _has_step(self, deal):
        return bool(deal.next_step and deal.next_step_on and deal.next_step_on >= self.today)

    @property
    def silent(self):
        """Soonest first."""
        found = [deal for deal in self.all if self._runs(deal)]
        return Part.of(sorted(found, key=lambda deal: deal.next_due_at), FEW)

    def _runs(self, deal):
        rule = deal.next_due_rule
        if rule is None or not deal.next_due_at or deal.next_due_at > self.soon:
            return False
        return deal.status in (Status.OPEN, Status.RE_ENGAGING) and (
            rule.trigger in SILENCE or rule.action in CHAIN
        )

    @property
    def at_a_gate(self):
        """Refused ones first, then by next step."""
        soon = self.today + timedelta(days=GATE_DAYS)
        found = [
            deal
            for deal in self.all
            if self._acts(deal)
            and (deal.open_before or deal.held_here < deal.total_here)
            and (deal.refused or (self._has_step(deal) and deal.next_step_on <= soon))
        ]
        return Part.of(sorted(found, key=lambda d: (not d.refused, d.next_step_on or soon)), FEW)

    @property
    def dated(self):
        """With a next step today or on the next working day."""
        found = [deal for deal in self.all if self._acts(deal) and self._has_step(deal)]
        return sorted((d for d in found if d.next_step_on <= self.tomorrow), key=lambda d: d.next_step_on)
