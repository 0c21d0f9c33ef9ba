"""What the API tells. Money is text, so that no cent is lost on the way."""

from .deals import Activity, Deal, File, Task, Transition
from .gates import Answered, Criterion, Finding, Gate, Problem, Refusal
from .parts import Ref
from .people import Company, Contact
from .processes import Pipeline, Process, Stage

__all__ = [
    "Activity",
    "Answered",
    "Company",
    "Contact",
    "Criterion",
    "Deal",
    "File",
    "Finding",
    "Gate",
    "Pipeline",
    "Problem",
    "Process",
    "Ref",
    "Refusal",
    "Stage",
    "Task",
    "Transition",
]
