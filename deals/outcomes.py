"""How an answer of the buyer stands: interested, later (by when), or no."""

from datetime import timedelta

from django.utils.translation import gettext as _

from .edits import Unfit
from .input import normalise, parsing
from .models import Outcome
from .timers.buyer_dates import MOST_DAYS


def who_answered():
    return _("Say who on the buyer's side answered.")


def stands(form, recorder):
    """{column: value} of how the buyer's answer stands, as typed. Raises Unfit."""
    outcome, text = form.text("outcome"), form.text("later_on")
    if outcome and outcome not in Outcome.values:
        raise Unfit({"outcome": _("Say how it stands: interested, later or no.")})
    if outcome != Outcome.LATER:
        if text:
            raise Unfit({"later_on": _("A day belongs to Later.")})
        return {"outcome": outcome}
    problems = {}
    if flaw := normalise.flaw(form.text("said"), extra=recorder.house.placeholders):
        problems["said"] = _("Put down what they said: a date rests on their words. %s") % flaw
    day = _day(text, recorder.today, problems)
    if problems:
        raise Unfit(problems)
    return {"outcome": outcome, "later_on": day}


def _day(text, today, problems):
    try:
        day = parsing.day(text, today=today) if text else None
    except parsing.ParseError as error:
        problems["later_on"] = str(error)
        return None
    if day is None:
        problems["later_on"] = _("Say by when.")
    elif day <= today:
        problems["later_on"] = _("This day has passed. Name one to come.")
    elif day > today + timedelta(days=MOST_DAYS):
        words = _("At most %d days ahead; pause the deal for longer.")
        problems["later_on"] = words % MOST_DAYS
    return day


def check_said_by_them(activity):
    """Only what the buyer did stands in one of these ways. Raises Unfit."""
    if activity.outcome and not activity.from_buyer:
        raise Unfit({"who": who_answered()})
