"""Reading what pages and scripts send: nothing here touches the database."""

from .moving import MoveForm
from .submission import Malformed, Submission

__all__ = ["Malformed", "MoveForm", "Submission"]
