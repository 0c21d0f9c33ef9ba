"""Business days of the organisation: its working week without public holidays."""

import hashlib
from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.utils import timezone

from .models import Organisation


@lru_cache(maxsize=64)
def _holidays(country, region, year):
    if not country:
        return frozenset()
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))


def is_business_day(day, organisation):
    """Whether people work on this local date."""
    if str(day.isoweekday()) not in organisation.working_days:
        return False
    return day not in _holidays(organisation.holiday_country, organisation.holiday_region, day.year)


def add_business_days(day, count, organisation):
    """The date `count` business days after (or, negative, before) `day`; `day` itself is not counted."""
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= is_business_day(day, organisation)
    return day


def local_date(moment, organisation=None):
    """The organisation's local date of an instant."""
    organisation = organisation or Organisation.current()
    return timezone.localtime(moment, ZoneInfo(organisation.time_zone)).date()


def grace_date(today, organisation):
    """The oldest next-step date that still counts as dated on `today`."""
    return add_business_days(today, -organisation.grace_days, organisation)


def calendar_of(team_id):
    """Whose working week, holidays and time zone count for the deals of a team."""
    return Organisation.current()


def digest():
    """One text for all calendars; another whenever one of them changes."""
    organisation = Organisation.current()
    parts = [organisation.time_zone, organisation.working_days, organisation.holiday_country]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
