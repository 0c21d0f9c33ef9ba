"""Recaps: what we understood, put to a buyer contact in words, who confirms or corrects it by a link of their own."""

from .answering import Reply, Unanswerable, Unclear, answer, refuse
from .closing import Closed, open_lines, why_closed
from .composing import Draft, draft
from .sending import LASTS, Typed, mail_key, send, undelivered
from .statements import on_record
from .tokens import by_token

__all__ = [
    "LASTS",
    "Closed",
    "Draft",
    "Reply",
    "Typed",
    "Unanswerable",
    "Unclear",
    "answer",
    "by_token",
    "draft",
    "mail_key",
    "on_record",
    "open_lines",
    "refuse",
    "send",
    "undelivered",
    "why_closed",
]
