"""Deals and what belongs to them."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from deals.models import ActivityKind, Direction, Kind, Outcome, Source, Status

from .parts import Ref, money


class Deal(BaseModel):
    """A deal as it stands. `seq` goes into moves as seen_seq, `rev` into changes."""

    id: int
    name: str
    company: Ref
    pipeline: str = Field(description="The pipeline's slug.")
    stage: Ref
    status: Literal[tuple(Status.values)]
    seq: int
    rev: str
    proven: bool = Field(
        description="Whether the buyer backs all it claims; only proven deals count as pipeline."
    )
    open_before: int = Field(description="Criteria of earlier stages that do not hold.")
    owner: Ref
    next_owner: Ref = Field(description="Who acts next.")
    team: Ref
    amount: str | None
    currency: str
    discount_percent: str | None
    deal_type: str
    lead_source: str
    expected_close: date | None
    next_step: str
    next_step_on: date | None
    goals: str
    commitments: str
    probability: int
    exception_until: date | None
    loss_reason: str | None
    created_at: datetime
    stage_entered_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, deal):
        same = {name: getattr(deal, name) for name in _SAME}
        return cls(
            **same,
            company=Ref.of(deal.company), stage=Ref.of(deal.stage), owner=Ref.of(deal.owner),
            next_owner=Ref.of(deal.next_owner), team=Ref.of(deal.team), pipeline=deal.pipeline.slug,
            rev=str(deal.rev), proven=deal.is_proven, amount=money(deal.amount),
            discount_percent=money(deal.discount_percent), probability=deal.shown_probability(),
            loss_reason=deal.loss_reason and deal.loss_reason.name,
        )  # fmt: skip


_SAME = [
    "id", "name", "status", "seq", "open_before", "currency", "deal_type", "lead_source", "expected_close", "next_step",
    "next_step_on", "goals", "commitments", "exception_until", "created_at", "stage_entered_at", "closed_at",
]  # fmt: skip


class Activity(BaseModel):
    """Something that happened. An answer names it as its conversation."""

    id: int
    deal: int
    kind: Literal[tuple(ActivityKind.values)]
    direction: Literal[tuple(Direction.values)]
    happened_at: datetime
    recorded_at: datetime
    recorded_by: Ref | None
    subject: str
    body: str
    attendees: list[Ref]
    from_buyer: bool
    expects_answer: bool
    is_auto: bool
    outcome: Literal[("", *Outcome.values)]
    later_on: date | None

    @classmethod
    def of(cls, activity):
        names = ["id", "kind", "direction", "happened_at", "recorded_at", "subject", "body", "from_buyer"]
        names += ["is_auto", "outcome", "later_on"]
        return cls(
            **{name: getattr(activity, name) for name in names},
            deal=activity.deal_id,
            expects_answer=activity.expects_answer,
            recorded_by=Ref.of(activity.recorded_by),
            attendees=[Ref.of(person) for person in activity.attendees.all()],
        )


class Transition(BaseModel):
    """One row of the ledger: a move, by whom, from where, on what grounds."""

    seq: int
    kind: Literal[tuple(Kind.values)]
    from_stage: Ref | None
    to_stage: Ref
    from_status: str
    to_status: Literal[tuple(Status.values)]
    passed: list[int] = Field(description="Ids of the stages an advance passed.")
    actor: Ref | None
    approver: Ref | None
    source: Literal[tuple(Source.values)]
    happened_at: datetime
    recorded_at: datetime
    amount: str | None
    currency: str
    reason: str
    loss_reason: str | None
    version: int = Field(description="Number of the process version it was judged by.")
    key: str
    hash: str

    @classmethod
    def of(cls, row):
        names = [
            "seq",
            "kind",
            "from_status",
            "to_status",
            "passed",
            "source",
            "happened_at",
            "recorded_at",
            "currency",
        ]
        return cls(
            **{name: getattr(row, name) for name in names},
            from_stage=Ref.of(row.from_stage), to_stage=Ref.of(row.to_stage), actor=Ref.of(row.actor),
            approver=Ref.of(row.approver), amount=money(row.amount), reason=row.reason, version=row.version.number,
            loss_reason=row.loss_reason and row.loss_reason.name, key=row.key, hash=row.hash,
        )  # fmt: skip


_WRITTEN = [
    "seq", "kind", "from_status", "to_status", "passed", "source", "happened_at", "recorded_at", "currency",
]  # fmt: skip


class File(BaseModel):
    """A file of a deal; answers name it as file_id."""

    id: int
    name: str
    content_type: str
    size: int
    sha256: str


class Task(BaseModel):
    id: int
    deal: Ref
    assignee: Ref
    title: str
    purpose: str
    due_on: date
    created_at: datetime
    created_by: Ref | None
    done_at: datetime | None
    outcome: str
    cancelled_at: datetime | None

    @classmethod
    def of(cls, task):
        names = ["id", "title", "purpose", "due_on", "created_at", "done_at", "outcome", "cancelled_at"]
        people = {name: Ref.of(getattr(task, name)) for name in ("deal", "assignee", "created_by")}
        return cls(**{name: getattr(task, name) for name in names}, **people)
