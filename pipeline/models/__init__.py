"""What the process is. The draft is edited, the published definitions are obeyed."""

from .draft import Criterion, Pipeline, Rule, Stage
from .published import (
    CriterionDefinition,
    ProcessVersion,
    RuleDefinition,
    ScheduledPublication,
    StageDefinition,
)

__all__ = [
    "Criterion",
    "CriterionDefinition",
    "Pipeline",
    "ProcessVersion",
    "Rule",
    "RuleDefinition",
    "ScheduledPublication",
    "Stage",
    "StageDefinition",
]
