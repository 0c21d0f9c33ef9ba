"""A process as a document: read from TOML, checked, written back. Knows nothing of the database."""

from .problems import ProcessError
from .reading import read
from .shapes import (
    CriterionDocument,
    LostDocument,
    ProcessDocument,
    RuleDocument,
    StageDocument,
    TimersDocument,
)
from .writing import write

__all__ = [
    "CriterionDocument",
    "LostDocument",
    "ProcessDocument",
    "ProcessError",
    "RuleDocument",
    "StageDocument",
    "TimersDocument",
    "read",
    "write",
]
