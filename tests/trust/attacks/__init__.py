"""Attempts to change where a deal stands past the door. Each is a function of the world that tries one channel;
with the guard in place every one of them is refused on both engines."""

from . import answers, changed_rows, forged_rows, orm_on_deals, sql_on_deals
from .families import ATTACKS

__all__ = ["ATTACKS", "answers", "changed_rows", "forged_rows", "orm_on_deals", "sql_on_deals"]
