"""Writing what happened on many deals at once: people on the map, conversations, answers, tasks. No moves."""

from dataclasses import dataclass, field

from django.db import connection

from ..activities import _is_buyers_act, default_direction
from ..clocks import tick_of
from ..evidence.judging import House, evidence_of, judge
from ..evidence.measures import measure
from ..models import Activity, Answer, Approval, Contact, Deal, Decision, Stakeholder, StakeholderRole, Task
from ..moves.replay import write_columns

_BATCH = 400


@dataclass(frozen=True)
class KnownHouse(House):
    """A House that asks only once whether an address is one of ours."""

    known: dict = field(default_factory=dict)

    def is_ours(self, contact):
        if contact.pk not in self.known:
            self.known[contact.pk] = super().is_ours(contact)
        return self.known[contact.pk]


class Scribe:
    """Collects rows and writes them together; `flush` before anything is judged by them."""

    def __init__(self):
        self.house = KnownHouse.current()
        self._clear()

    def _clear(self):
        self.stakeholders, self.roles, self.activities, self.answers = [], [], [], []
        self.retired, self.tasks, self.changed, self.approvals = [], [], {}, []

    def talk(self, deal, kind, at, attendees, by, **fields):
        """An activity as activities.record makes it, on record the moment it happened."""
        direction = fields.pop("direction", None) or default_direction(kind, fields.get("expects_answer"))
        activity = Activity(
            deal=deal, kind=kind, direction=direction, happened_at=at, recorded_at=at, recorded_by=by,
            buyer_count=len(attendees), from_buyer=bool(attendees) and _is_buyers_act(kind, direction), **fields,
        )  # fmt: skip
        self.activities.append((activity, attendees))
        for column, value in tick_of(deal, activity).items():
            setattr(deal, column, value)
        return activity

    def on_map(self, deal, contact, priority):
        stakeholder = Stakeholder(deal=deal, contact=contact, priority=priority)
        self.stakeholders.append(stakeholder)
        return stakeholder

    def role(self, stakeholder, role):
        self.roles.append(StakeholderRole(stakeholder=stakeholder, role=role))

    def answer(self, definition, answer, instead_of=None):
        """An answer, judged when it is written; the one it replaces stays, marked."""
        self.answers.append((definition, answer))
        if instead_of is not None:
            instead_of.is_current, instead_of.replaced_at = False, answer.recorded_at
            self.retired.append(instead_of)

    def approval(self, **columns):
        self.approvals.append(Approval(**columns))

    def task(self, **columns):
        self.tasks.append(Task(**columns))

    def change(self, deal):
        """Save the deal's plain columns with the next flush."""
        self.changed[deal.pk] = deal

    def flush(self):
        Stakeholder.objects.bulk_create(self.stakeholders, _BATCH)
        StakeholderRole.objects.bulk_create(self.roles, _BATCH)
        self._write_activities()
        self._write_answers()
        self._write_approvals()
        Task.objects.bulk_create(self.tasks, _BATCH)
        write_columns(list(self.changed.values()), COLUMNS)
        self._clear()
        renew_statistics()

    def _write_activities(self):
        Activity.objects.bulk_create([activity for activity, _people in self.activities], _BATCH)
        through = Activity.attendees.through
        rows = [
            through(activity_id=activity.pk, contact_id=contact.pk)
            for activity, people in self.activities
            for contact in people
        ]
        through.objects.bulk_create(rows, _BATCH)

    def _write_answers(self):
        Answer.objects.bulk_update(self.retired, ["is_current", "replaced_at"], _BATCH)
        for definition, answer in self.answers:
            answer.activity = answer.activity  # it has an id now; setting the id alone would read it again
            answer.evidence = evidence_of(answer)
            verdict = judge(answer, definition, self.house)
            answer.opens, answer.flaw, answer.holds_until = (
                verdict.opens,
                verdict.flaw[:200],
                verdict.holds_until,
            )
            measure(answer, self.house)
        Answer.objects.bulk_create([answer for _definition, answer in self.answers], _BATCH)

    def _write_approvals(self):
        for approval in self.approvals:
            approval.activity = approval.activity  # it has an id now
            if approval.decision == Decision.PENDING:
                approval.activity = approval.decided_at = approval.decided_by = None
        Approval.objects.bulk_create(self.approvals, _BATCH)


def renew_statistics():
    """PostgreSQL plans by what it last counted, and has not seen what this transaction wrote: tell it."""
    if connection.vendor == "postgresql":
        models = [Activity, Activity.attendees.through, Answer, Approval, Contact, Deal]
        models += [Stakeholder, StakeholderRole]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE " + ", ".join(model._meta.db_table for model in models))


# Columns of a deal that its life changes beside its moves.
COLUMNS = [
    "next_step", "next_step_on", "last_buyer_activity_at", "awaiting_since", "goals", "commitments", "expected_close",
]  # fmt: skip
