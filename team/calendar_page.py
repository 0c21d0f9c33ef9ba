"""The next twelve months of a calendar, month by month, as a page shows them."""

import calendar as weeks
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from .calendar import add_business_days, business_days_between, is_business_day
from .calendar_forms import country_name
from .models import WEEKDAYS
from .workdays import closing_days, holidays_known, public_holidays

SHOWN = (1, 2, 5, 10, 14, 30)
WORK, OFF, HOLIDAY, CLOSED = "work", "off", "holiday", "closed"


@dataclass(frozen=True)
class Day:
    day: date
    kind: str
    name: str = ""
    is_today: bool = False

    @property
    def mark(self):
        """What tells the kinds apart without a colour."""
        return {HOLIDAY: _("H"), CLOSED: _("C")}.get(self.kind, "")

    @property
    def words(self):
        return {OFF: _("no working day"), HOLIDAY: _("public holiday"), CLOSED: _("closing day")}.get(
            self.kind, ""
        )


@dataclass(frozen=True)
class Month:
    first: date
    weeks: list
    working: int

    @property
    def named(self):
        return [day for week in self.weeks for day in week if day and day.mark]


class CalendarPage:
    def __init__(self, calendar, today):
        self.calendar, self.today = calendar, today
        self._closed = closing_days(calendar.closing_days)
        self.weekdays = WEEKDAYS
        self.months = [self._month(*_later(today, number)) for number in range(12)]

    @property
    def later(self):
        """What so many business days from today are."""
        return [(count, add_business_days(self.today, count, self.calendar)) for count in SHOWN]

    @property
    def five(self):
        return add_business_days(self.today, 5, self.calendar)

    @property
    def working(self):
        return sum(month.working for month in self.months)

    @property
    def week(self):
        return ", ".join(str(WEEKDAYS[int(digit) - 1]) for digit in sorted(self.calendar.working_days))

    @property
    def place(self):
        """Whose public holidays these are, in words."""
        if not self.calendar.holiday_country:
            return ""
        name = country_name(self.calendar.holiday_country)
        return f"{name}, {self.calendar.holiday_region}" if self.calendar.holiday_region else name

    @property
    def unknown_after(self):
        """The last year whose holidays are known, where the months go beyond it; 0 for a country without any."""
        if not self.calendar.holiday_country:
            return None
        known = holidays_known(self.calendar.holiday_country, self.calendar.holiday_region)
        last = known[1] if known else 0
        return last if last < self.months[-1].first.year else None

    def _month(self, year, month):
        days = [
            [self._day(day) if day.month == month else None for day in week]
            for week in weeks.Calendar().monthdatescalendar(year, month)
        ]
        first, last = date(year, month, 1), date(year, month, weeks.monthrange(year, month)[1])
        working = business_days_between(first, last, self.calendar) + is_business_day(first, self.calendar)
        return Month(first, days, working)

    def _day(self, day):
        named = public_holidays(self.calendar.holiday_country, self.calendar.holiday_region, day.year)
        today = day == self.today
        if day in self._closed:
            return Day(day, CLOSED, self._closed[day], today)
        if day in named:
            return Day(day, HOLIDAY, named[day], today)
        return Day(day, WORK if is_business_day(day, self.calendar) else OFF, "", today)


def _later(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return year, month + 1
