"""A pause: why and until when. Its days do not count as silence, and it ends by itself."""

from datetime import timedelta

from django.utils.translation import gettext as _

from .. import parsing
from ..models import Kind
from .errors import MissingInput


def last_day(text, today, organisation):
    """The day a pause ends: the one typed, within the organisation's limit; the limit where none is typed."""
    limit = today + timedelta(days=organisation.pause_days)
    if not text:
        return limit
    try:
        day = parsing.day(str(text), today=today)
    except parsing.ParseError as error:
        raise MissingInput({"until": str(error)}) from error
    if day <= today:
        raise MissingInput({"until": _("This day has passed. Name one to come.")})
    if day > limit:
        words = _("A pause lasts at most %d days. Name an earlier day.")
        raise MissingInput({"until": words % organisation.pause_days})
    return day


def end(deal, today):
    """The wait is over: so many days more until silence is counted."""
    if deal.paused_on:
        deal.held_days = min(deal.held_days + max((today - deal.paused_on).days, 0), 9999)
    deal.paused_on = deal.paused_until = None


def undone(deal, last, today, organisation):
    """After the undo of a pause nothing waits any more; after that of its end it waits again."""
    if last.kind == Kind.PAUSE:
        deal.paused_on = deal.paused_until = None
    elif last.kind == Kind.RESUME:
        deal.paused_on, deal.paused_until = today, last_day("", today, organisation)
