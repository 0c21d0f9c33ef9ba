"""Business days and local dates, of the organisation and of a team in another country.

Where these functions take a calendar, an Organisation does as well.
"""

import hashlib
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.db.models import Q

from .models import CALENDAR_COLUMNS, Organisation, Team, recalled
from .workdays import WorkCalendar, workdays_of

__all__ = ["WorkCalendar"]


def is_business_day(day, calendar):
    """Whether people work on this local date."""
    return day in workdays_of(calendar)


def add_business_days(day, count, calendar):
    """The date `count` business days after (or, negative, before) `day`; `day` itself is not counted."""
    if not count:
        return day
    workdays = workdays_of(calendar)
    return workdays.after(day, count) if count > 0 else workdays.before(day, -count)


def business_days_between(start, end, calendar):
    """How many business days come after `start`, up to and with `end`."""
    return workdays_of(calendar).between(start, end)


def latest_start(today, count, calendar):
    """The last day from which `count` business days are over on `today`: one cutoff for any number of deals."""
    return add_business_days(today + timedelta(days=1), -count, calendar) - timedelta(days=1)


def local_date(moment, calendar=None):
    """The calendar's local date of an instant; the organisation's where none is given."""
    calendar = calendar or Organisation.current()
    if moment.tzinfo is None:
        raise ValueError("an instant has a time zone")
    return moment.astimezone(ZoneInfo(calendar.time_zone)).date()


def start_of(day, calendar):
    """The instant a local day begins: 00:00, or where clocks jump over that, the first moment after."""
    return _start_in(day, calendar.time_zone)


@lru_cache(maxsize=4096)
def _start_in(day, time_zone):
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def grace_date(today, organisation):
    """The oldest next-step date that still counts as dated on `today`."""
    return add_business_days(today, -organisation.grace_days, organisation)


def calendar_of(team_id):
    """Whose working week, holidays and time zone count for the deals of a team."""
    return recalled(("calendar", team_id), lambda: _calendar_of(team_id))


def _calendar_of(team_id):
    common = organisation_calendar()
    if not Organisation.current().teams_differ:
        return common
    return recalled("calendars", lambda: _of_teams(common)).get(team_id, common)


def by_calendar():
    """[(calendar, Q of the deals whose team has it)]: together they are all deals."""
    common, groups = organisation_calendar(), {}
    own = recalled("calendars", lambda: _of_teams(common)) if Organisation.current().teams_differ else {}
    for team_id, calendar in own.items():
        groups.setdefault(calendar, []).append(team_id)
    found = [(calendar, Q(team_id__in=ids)) for calendar, ids in groups.items()]
    return [(common, ~Q(team_id__in=list(own))), *found]


def organisation_calendar():
    """The organisation's own."""
    return recalled("calendar", lambda: _common(Organisation.current()))


def effective(team, organisation):
    """The calendar of a team: its own where it says one, its closing days besides the organisation's."""
    return _own(_columns(team), _common(organisation))


def digest():
    """The same for the same calendars, another for any other: what was computed by them is due again."""
    rows = Team.objects.order_by("pk").values_list("pk", *CALENDAR_COLUMNS)
    said = repr((holidays.__version__, _columns(Organisation.current()), list(rows)))
    return hashlib.sha256(said.encode()).hexdigest()


def _columns(row):
    return [getattr(row, name) for name in CALENDAR_COLUMNS]


def _common(organisation):
    return WorkCalendar(*_columns(organisation))


def _of_teams(common):
    rows = Team.objects.with_own_calendar().values_list("pk", *CALENDAR_COLUMNS).order_by()
    return {pk: _own(columns, common) for pk, *columns in rows}


def _own(columns, common):
    """A region belongs to its country: a team that names a country has that country's holidays alone."""
    zone, week, country, region, closing = columns
    if not country:
        country, region = common.holiday_country, region or common.holiday_region
    return WorkCalendar(
        zone or common.time_zone,
        week or common.working_days,
        country,
        region,
        "\n".join(filter(None, [common.closing_days, closing])),
    )
