"""Working days of one calendar, counted by looking them up: each calendar's year is laid out once and kept."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date
from functools import lru_cache

import holidays
from django.utils.translation import gettext as _

WHOLE_WEEK = "1234567"
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class WorkCalendar:
    """Whose working week, holidays, closing days and time zone count. An Organisation has the same names."""

    time_zone: str = "UTC"
    working_days: str = "12345"
    holiday_country: str = ""
    holiday_region: str = ""
    closing_days: str = ""


class NoWorkingDay(ValueError):
    """Nobody ever works by this calendar, so that no number of business days has an end."""


class BadLine(ValueError):
    """A line of closing days that names no day."""


def read_closing_day(line):
    """(date, name) of '2026-12-24 Christmas Eve'."""
    written, _space, name = line.strip().partition(" ")
    try:
        if not DATE.fullmatch(written):
            raise ValueError
        return date.fromisoformat(written), name.strip()
    except ValueError:
        raise BadLine(_("write the date as 2026-12-24, then a name")) from None


@lru_cache(maxsize=256)
def closing_days(text):
    """{date: name} of closing days, one on a line; what is no date was refused when it was typed."""
    found = {}
    for line in filter(str.strip, text.splitlines()):
        try:
            day, name = read_closing_day(line)
        except BadLine:
            continue
        found.setdefault(day, name)
    return found


@lru_cache(maxsize=1024)
def public_holidays(country, region, year):
    """{date: name}; empty for a year or a country that nobody knows the holidays of."""
    known = holidays_known(country, region) if country else None
    if known is None or not known[0] <= year <= known[1]:
        return {}
    return dict(holidays.country_holidays(country, subdiv=region or None, years=year, language="en_US"))


def holidays_known(country, region):
    """(first, last) year for which the holidays are known; None without such a calendar."""
    try:
        known = holidays.country_holidays(country, subdiv=region or None)
    except NotImplementedError:
        return None
    return known.start_year, known.end_year


def week_of(calendar):
    """The weekdays people work on, 1 is Monday. Raises NoWorkingDay."""
    week = frozenset(calendar.working_days) & frozenset(WHOLE_WEEK)
    if not week:
        raise NoWorkingDay(_("A working week needs at least one day."))
    return frozenset(int(day) for day in week)


def workdays_of(calendar):
    """The Workdays of a calendar, or of anything that has its columns."""
    return _workdays(
        week_of(calendar), calendar.holiday_country, calendar.holiday_region, calendar.closing_days
    )


@lru_cache(maxsize=128)
def _workdays(week, country, region, closing):
    return Workdays(week, country, region, frozenset(closing_days(closing)))


class Workdays:
    def __init__(self, week, country, region, closed):
        self._week, self._place, self._closed = week, (country, region), closed
        self._years = {}

    def __contains__(self, day):
        ordinal, days = day.toordinal(), self._of(day.year)
        found = bisect_left(days, ordinal)
        return found < len(days) and days[found] == ordinal

    def after(self, day, count):
        """The `count`th working day after a day; OverflowError beyond the year 9999."""
        year, days = day.year, self._of(day.year)
        index = bisect_right(days, day.toordinal()) + count - 1
        while index >= len(days):
            index, year = index - len(days), year + 1
            if year > MAXYEAR:
                raise OverflowError(_("There is no such day: the calendar ends."))
            days = self._of(year)
        return date.fromordinal(days[index])

    def before(self, day, count):
        """The `count`th working day before a day."""
        year, days = day.year, self._of(day.year)
        index = bisect_left(days, day.toordinal()) - count
        while index < 0:
            year -= 1
            if year < MINYEAR:
                raise OverflowError(_("There is no such day: the calendar ends."))
            days = self._of(year)
            index += len(days)
        return date.fromordinal(days[index])

    def between(self, start, end):
        """How many working days come after `start`, up to and with `end`; negative where `end` is earlier."""
        if end < start:
            return -self.between(end, start)
        whole = sum(len(self._of(year)) for year in range(start.year, end.year))
        return (
            whole
            + bisect_right(self._of(end.year), end.toordinal())
            - bisect_right(self._of(start.year), start.toordinal())
        )

    def _of(self, year):
        if year not in self._years:
            self._years[year] = self._lay_out(year)
        return self._years[year]

    def _lay_out(self, year):
        """The working days of a year as sorted ordinals."""
        off = {day.toordinal() for day in public_holidays(*self._place, year)}
        off |= {day.toordinal() for day in self._closed if day.year == year}
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        return [number for number in range(first, last + 1) if number not in off and self._weekday(number)]

    def _weekday(self, ordinal):
        return (ordinal - 1) % 7 + 1 in self._week  # day 1 was a Monday
