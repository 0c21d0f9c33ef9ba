"""Stretches of days by name: what they are called, when they begin and end, and what came before."""

import calendar
from datetime import date, timedelta

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext_lazy as _

DEFAULT = "90"
NAMES = {
    "week": _("This week"), "month": _("This month"), "quarter": _("This quarter"), "90": _("Last 90 days"),
    "last_month": _("Last month"), "last_quarter": _("Last quarter"), "365": _("Last 12 months"),
    "548": _("Last 18 months"), "own": _("From, to"),
}  # fmt: skip
# The longest that may be asked for, days.
LONGEST = 3660
# The years an address may name: a period has one before it and a day after it, also in every time zone.
YEARS = range(1900, 2200)


class Month(str):
    """'2026-10' in a sheet, which sorts; `words` for people: 'Oct 2026'."""

    def __new__(cls, day):
        made = super().__new__(cls, f"{day:%Y-%m}")
        made.words = date_format(day, "M Y")
        return made


def asked(query, today):
    """(key, first day, last day) of what an address asks for; the default where it cannot be read.

    `had` is the period a form was shown with: days that were filled in count unless another period was chosen.
    """
    key = query.get("period", DEFAULT)
    if key in ("own", query.get("had")):
        start, end = day_of(query.get("from", "")), day_of(query.get("to", ""))
        if start and end and start <= end <= start + timedelta(days=LONGEST):
            return "own", start, end
    key = key if key in NAMES and key != "own" else DEFAULT
    return key, *days(key, today)


def days(key, today):
    """First and last day of a named period that is under way or over on `today`. The last is never after today."""
    if key.isdecimal():
        return today - timedelta(days=int(key) - 1), today
    if key == "week":
        return today - timedelta(days=today.weekday()), today
    if key.startswith("last_"):
        return _whole_before(key.removeprefix("last_"), today)
    return first_of(key, today), today


def first_of(unit, day):
    """The first day of the month or quarter a day lies in."""
    month = day.month if unit == "month" else 3 * ((day.month - 1) // 3) + 1
    return day.replace(month=month, day=1)


def last_of(unit, day):
    """The last day of the month or quarter a day lies in."""
    first = first_of(unit, day)
    month = first.month + (2 if unit == "quarter" else 0)
    return first.replace(month=month, day=calendar.monthrange(first.year, month)[1])


def _whole_before(unit, today):
    end = first_of(unit, today) - timedelta(days=1)
    return first_of(unit, end), end


def before(key, start, end):
    """The period to compare with: the whole month or quarter before, else as many days right before.

    A month or quarter under way is compared with as many days of the one before.
    """
    if key in ("last_month", "last_quarter"):
        return _whole_before(key.removeprefix("last_"), start)
    if key in ("month", "quarter"):
        first, last = _whole_before(key, start)
        return first, min(last, first + (end - start))
    length = end - start + timedelta(days=1)
    return start - length, end - length


def months(start, count):
    """The first days of `count` months from the one `start` lies in."""
    first = start.year * 12 + start.month - 1
    return [date((first + n) // 12, (first + n) % 12 + 1, 1) for n in range(count)]


def day_of(text):
    """The day an address names; None where there is none, or none a company could have."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None
