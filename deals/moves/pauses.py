"""A pause: why and until when. Its days do not count as silence, and it ends by itself.

A deal that is not ready yet nurtures: it waits for a day somebody named, up to a year ahead.
"""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from team.calendar import calendar_of, local_date

from ..input import parsing
from ..models import Kind
from .errors import IllegalMove, MissingInput

NURTURE_DAYS = 365
_LONGER = _lazy("A pause lasts at most %d days. Name an earlier day, or tick Nurture.")


def here(move):
    """Today where the deal's team is: its pauses begin and end there."""
    return local_date(move.context.now, calendar_of(move.deal.team_id))


def last_day(text, today, organisation, nurture=False):
    """The day a pause ends: the one typed, within the limit; the organisation's limit where none is typed."""
    most = NURTURE_DAYS if nurture else organisation.pause_days
    limit = today + timedelta(days=most)
    if not text and nurture:
        raise MissingInput({"until": _("Say until when.")})
    if not text:
        return limit
    try:
        day = parsing.day(str(text), today=today)
    except parsing.ParseError as error:
        raise MissingInput({"until": str(error)}) from error
    if day <= today:
        raise MissingInput({"until": _("This day has passed. Name one to come.")})
    if day > limit:
        words = _("At most %d days ahead. Name an earlier day.") if nurture else _LONGER
        raise MissingInput({"until": words % most})
    return day


def asked(move, read_reason, until, nurture):
    """(why, last day) of what was typed. Raises MissingInput for both at once."""
    problems, text, day = {}, "", None
    try:
        text = read_reason()
    except MissingInput as error:
        problems |= error.fields
    try:
        day = last_day(until, here(move), move.organisation, nurture)
    except MissingInput as error:
        problems |= error.fields
    if problems:
        raise MissingInput(problems)
    return text, day


def end(deal, today):
    """The wait is over: so many days more until silence is counted."""
    if deal.paused_on:
        _hold(deal, deal.paused_on, today, 1)
    deal.was_paused_until = deal.paused_until
    deal.paused_on = deal.paused_until = None


def _hold(deal, begun, ended, sign):
    """Count the days of a pause, or no longer: of what a clock counts, those that lie behind its own beginning."""
    calendar = calendar_of(deal.team_id)
    heard = deal.last_buyer_activity_at and local_date(deal.last_buyer_activity_at, calendar)
    deal.held_days = _held(deal.held_days, heard, begun, ended, sign)
    if deal.awaiting_since:
        waiting = local_date(deal.awaiting_since, calendar)
        deal.awaiting_held_days = _held(deal.awaiting_held_days, waiting, begun, ended, sign)


def _held(before, day, begun, ended, sign):
    """A clock that began during the pause is held from then on."""
    start = max(begun, day) if day else begun
    return min(max(before + sign * max((ended - start).days, 0), 0), 9999)


def undone(deal, last, today):
    """After the undo of a pause nothing waits any more; after that of its end it waits again, as long as before."""
    if last.kind == Kind.PAUSE:
        deal.paused_on = deal.paused_until = None
    elif last.kind == Kind.RESUME:
        until = deal.was_paused_until
        if until is None or until <= today:
            raise IllegalMove(_("The pause is over. Pause the deal again, until another day."))
        calendar = calendar_of(deal.team_id)
        begun = local_date(deal.transitions.filter(kind=Kind.PAUSE).latest("seq").happened_at, calendar)
        _hold(deal, begun, local_date(last.happened_at, calendar), -1)
        deal.paused_on, deal.paused_until = begun, until
