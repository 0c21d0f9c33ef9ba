"""The month or quarter that a target is held against: the one a lens asks for, else the quarter under way."""

from datetime import timedelta

from . import periods


def whole(lens):
    """(unit, first day, last day): whole months, so that the targets of months add up to it."""
    unit = "month" if lens.period.endswith("month") else "quarter"
    day = lens.end if lens.period in ("last_month", "last_quarter") else lens.today
    return unit, periods.first_of(unit, day), periods.last_of(unit, day)


def months_of(start, end):
    """The first days of the months from one day to another."""
    return periods.months(start, (end.year - start.year) * 12 + end.month - start.month + 1)


def weeks_of(start, end):
    """How many weeks a stretch has, with their fraction."""
    return ((end - start) + timedelta(days=1)).days / 7
