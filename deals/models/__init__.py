"""Deals, their people, what happened, what was confirmed, and the ledger of moves."""

from .deal import (
    AMOUNT_LIMIT,
    LIVE,
    Deal,
    LossReason,
    Participant,
    Stakeholder,
    StakeholderRole,
    StakeholderStance,
)
from .evidence import TALKS, Activity, ActivityKind, Answer, AnswerState, Attachment, Direction
from .ledger import GateRefusal, Source, Transition
from .machine import CLOSED_STATUSES, LEGAL, LIVE_STATUSES, Kind, Status
from .people import Company, Contact
from .querysets import proven_condition
from .work import ExchangeRate, ImportBatch, ImportedRow, Task

__all__ = [
    "AMOUNT_LIMIT",
    "CLOSED_STATUSES",
    "LEGAL",
    "LIVE",
    "LIVE_STATUSES",
    "TALKS",
    "Activity",
    "ActivityKind",
    "Answer",
    "AnswerState",
    "Attachment",
    "Company",
    "Contact",
    "Deal",
    "Direction",
    "ExchangeRate",
    "GateRefusal",
    "ImportBatch",
    "ImportedRow",
    "Kind",
    "LossReason",
    "Participant",
    "Source",
    "Stakeholder",
    "StakeholderRole",
    "StakeholderStance",
    "Status",
    "Task",
    "Transition",
    "proven_condition",
]
