"""Putting a draft in force with the deals in view: what it does to them is seen first, and chosen."""

from .force import DraftChanged, problems_of, put_in_force
from .scheduled import AlreadyScheduled, publish_due, schedule, unschedule

__all__ = [
    "AlreadyScheduled",
    "DraftChanged",
    "problems_of",
    "publish_due",
    "put_in_force",
    "schedule",
    "unschedule",
]
