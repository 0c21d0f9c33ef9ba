"""Deals, their people, what happened, what was confirmed, and the ledger of moves."""

from .agreement import (
    UNSETTLED,
    Approval,
    ApprovalSide,
    Contradiction,
    Decision,
    Objection,
    ObjectionStatus,
)
from .anchors import Anchor
from .bulk import REVERSIBLE, BulkAction, BulkItem, BulkRun
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
from .evidence import (
    BUYER,
    LOGGABLE,
    TALKS,
    Activity,
    ActivityKind,
    Answer,
    AnswerState,
    Attachment,
    Direction,
    Outcome,
)
from .exceptions import LIVE_EXCEPTION, ExceptionState, GateException, WaivedCriterion
from .firing import Firing, FiringState, MailDraft
from .following import ClocksToFollow
from .handovers import Handover
from .landing import LandingDay
from .learning import CoachingNote, Competitor, FieldChange, LossReview, Rivalry
from .ledger import GateRefusal, Source, Transition
from .machine import CLOSED_STATUSES, LEGAL, LIVE_STATUSES, Kind, Status
from .people import Company, Contact
from .querysets import proven_condition
from .recaps import Recap, RecapLine, RecapRefusal, RecapState
from .spared import Spared
from .work import CancelledWhy, ExchangeRate, ImportBatch, ImportedRow, Task

__all__ = [
    "ClocksToFollow",
    "Handover",
    "REVERSIBLE",
    "LandingDay",
    "AMOUNT_LIMIT",
    "BUYER",
    "CLOSED_STATUSES",
    "LEGAL",
    "LIVE",
    "LIVE_EXCEPTION",
    "LIVE_STATUSES",
    "LOGGABLE",
    "TALKS",
    "UNSETTLED",
    "Activity",
    "ActivityKind",
    "Anchor",
    "Answer",
    "AnswerState",
    "Approval",
    "ApprovalSide",
    "Attachment",
    "BulkAction",
    "BulkItem",
    "BulkRun",
    "Company",
    "Contact",
    "Contradiction",
    "Deal",
    "Decision",
    "Direction",
    "ExceptionState",
    "ExchangeRate",
    "GateException",
    "GateRefusal",
    "ImportBatch",
    "ImportedRow",
    "Kind",
    "LossReason",
    "Objection",
    "ObjectionStatus",
    "Outcome",
    "Participant",
    "Recap",
    "RecapLine",
    "RecapRefusal",
    "RecapState",
    "Source",
    "Spared",
    "Stakeholder",
    "StakeholderRole",
    "StakeholderStance",
    "Status",
    "Task",
    "Transition",
    "WaivedCriterion",
    "CancelledWhy",
    "CoachingNote",
    "FieldChange",
    "Competitor",
    "LossReview",
    "Rivalry",
    "Firing",
    "FiringState",
    "MailDraft",
    "proven_condition",
]
