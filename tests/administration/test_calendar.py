"""Business days over years: weekends, holidays, own closing days, clocks that jump, leap days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from team.calendar import (
    WorkCalendar,
    add_business_days,
    business_days_between,
    is_business_day,
    latest_start,
    local_date,
    start_of,
)
from team.workdays import BadLine, NoWorkingDay, read_closing_day

DAYS = st.dates(date(1995, 1, 1), date(2095, 12, 31))
COUNTS = st.integers(1, 400)
PLACES = st.sampled_from(
    [("", ""), ("DE", "BY"), ("DE", ""), ("GB", "SCT"), ("US", ""), ("IL", ""), ("SA", ""), ("CA", "QC")]
)
WEEKS = st.sets(st.sampled_from("1234567"), min_size=1).map(lambda days: "".join(sorted(days)))
CLOSED = st.lists(DAYS, max_size=12).map(lambda days: "\n".join(f"{day} closed" for day in days))
CALENDARS = st.builds(
    lambda week, place, closed: WorkCalendar("UTC", week, *place, closed), WEEKS, PLACES, CLOSED
)
BERLIN = WorkCalendar("Europe/Berlin", "12345", "DE", "BE", "2026-12-24 Christmas Eve\n2026-12-31 Year's end")


@given(CALENDARS, DAYS, COUNTS)
@settings(max_examples=120, deadline=None)
def test_the_days_added_are_the_days_counted_back(calendar, day, count):
    there = add_business_days(day, count, calendar)
    assert business_days_between(day, there, calendar) == count
    assert business_days_between(there, day, calendar) == -count
    back = add_business_days(there, -count, calendar)
    assert back == day if is_business_day(day, calendar) else back < day
    assert business_days_between(back, day, calendar) == 0


@given(CALENDARS, DAYS, st.integers(-40, 40))
@settings(max_examples=120, deadline=None)
def test_counting_by_table_finds_the_day_that_walking_day_by_day_finds(calendar, day, count):
    walked, left = day, abs(count)
    closed = {line.split()[0] for line in calendar.closing_days.splitlines()}
    while left:
        walked += timedelta(days=1 if count > 0 else -1)
        off = holidays.country_holidays(
            calendar.holiday_country, subdiv=calendar.holiday_region or None, years=walked.year
        ) if calendar.holiday_country else {}  # fmt: skip
        works = str(walked.isoweekday()) in calendar.working_days
        left -= works and walked not in off and walked.isoformat() not in closed
    assert add_business_days(day, count, calendar) == walked


@given(CALENDARS, DAYS, COUNTS)
@settings(max_examples=120, deadline=None)
def test_nobody_is_asked_to_work_on_a_weekend_a_holiday_or_a_closing_day(calendar, day, count):
    found = add_business_days(day, count, calendar)
    assert is_business_day(found, calendar)
    assert str(found.isoweekday()) in calendar.working_days
    assert found.isoformat() not in calendar.closing_days
    if calendar.holiday_country:
        known = holidays.country_holidays(calendar.holiday_country, subdiv=calendar.holiday_region or None)
        assert found not in known


@given(CALENDARS, DAYS, DAYS, COUNTS)
@settings(max_examples=120, deadline=None)
def test_who_starts_later_is_never_due_earlier(calendar, one, other, count):
    early, late = sorted([one, other])
    assert add_business_days(early, count, calendar) <= add_business_days(late, count, calendar)
    assert add_business_days(early, count, calendar) < add_business_days(early, count + 1, calendar)


@given(CALENDARS, DAYS, COUNTS)
@settings(max_examples=120, deadline=None)
def test_one_cutoff_says_the_same_as_asking_deal_by_deal(calendar, today, count):
    cutoff = latest_start(today, count, calendar)
    for away in range(-9, 10):
        start = cutoff + timedelta(days=away)
        assert (add_business_days(start, count, calendar) <= today) == (start <= cutoff), start


@given(DAYS, st.sampled_from(sorted(available_timezones())))
@settings(max_examples=150, deadline=None)
def test_every_local_day_begins_once_at_its_first_moment(day, zone):
    calendar = WorkCalendar(zone)
    begin = start_of(day, calendar)
    assert local_date(begin, calendar) >= day
    assert local_date(begin - timedelta(microseconds=1), calendar) < day


def switches(zone, year):
    """Local dates of a year on which the clocks of a zone change."""
    day, found = date(year, 1, 1), []
    while day.year == year:
        start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
        end = start + timedelta(days=1)
        if start.utcoffset() != end.utcoffset():
            found.append(day)
        day += timedelta(days=1)
    return found


# In Cairo, Santiago and Havana clocks change at midnight: that day has no 00:00, or two.
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Santiago",
                                  "America/Havana", "Australia/Lord_Howe"])  # fmt: skip
def test_a_day_on_which_clocks_change_begins_like_any_other(zone):
    calendar = WorkCalendar(zone)
    days = [day for year in (2024, 2025, 2026, 2027) for day in switches(zone, year)]
    assert days
    for day in days + [day + timedelta(days=1) for day in days]:
        begin = start_of(day, calendar)
        assert local_date(begin, calendar) == day
        assert local_date(begin - timedelta(microseconds=1), calendar) == day - timedelta(days=1)


def test_five_business_days_over_the_end_of_summer_time_end_at_local_midnight():
    sent = datetime(2026, 10, 21, 10, 0, tzinfo=UTC)
    due = add_business_days(local_date(sent, BERLIN), 5, BERLIN)
    assert due == date(2026, 10, 28)
    assert start_of(due, BERLIN) == datetime(2026, 10, 27, 23, 0, tzinfo=UTC)
    assert start_of(date(2026, 10, 25), BERLIN) == datetime(2026, 10, 24, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        ("2026-11-05", 5, "2026-11-12"),  # over a weekend
        ("2026-04-01", 5, "2026-04-10"),  # Good Friday and Easter Monday
        ("2026-12-21", 5, "2026-12-30"),  # both closing days' first, Christmas, a weekend
        ("2028-02-25", 2, "2028-02-29"),  # a leap day that is a Tuesday
        ("2028-02-29", 1, "2028-03-01"),
        ("2027-02-26", 1, "2027-03-01"),
        ("2026-11-07", 1, "2026-11-09"),  # from a Saturday
        ("2026-11-09", -1, "2026-11-06"),
        ("2026-11-07", -1, "2026-11-06"),
        ("2026-11-07", 0, "2026-11-07"),
    ],
)
def test_days_of_the_calendar_in_berlin(day, count, due):
    assert add_business_days(date.fromisoformat(day), count, BERLIN) == date.fromisoformat(due)


def test_ten_thousand_business_days_are_found_without_walking_there():
    day = date(2026, 1, 1)
    add_business_days(day, 10_000, BERLIN)
    assert business_days_between(day, add_business_days(day, 10_000, BERLIN), BERLIN) == 10_000
    assert add_business_days(day, 10_000, BERLIN).year == 2065


def test_years_whose_holidays_nobody_knows_have_their_weekends():
    assert is_business_day(date(2180, 12, 25), BERLIN)
    assert not is_business_day(date(2180, 12, 24), BERLIN)
    assert is_business_day(date(1891, 12, 25), BERLIN)


@pytest.mark.parametrize("week", ["", "0", "89"])
def test_a_calendar_without_a_working_day_is_refused_instead_of_searched_for_ever(week):
    calendar = WorkCalendar(working_days=week)
    for asked in (lambda: add_business_days(date(2026, 1, 1), 1, calendar),
                  lambda: is_business_day(date(2026, 1, 1), calendar)):  # fmt: skip
        with pytest.raises(NoWorkingDay):
            asked()


@pytest.mark.parametrize(("day", "count"), [(date(9999, 12, 1), 60), (date(1, 1, 20), -60)])
def test_where_time_ends_the_search_ends(day, count):
    with pytest.raises(OverflowError):
        add_business_days(day, count, WorkCalendar())


def test_a_country_that_is_no_longer_known_has_no_holidays_but_its_weekends():
    calendar = WorkCalendar(holiday_country="ZZ")
    assert add_business_days(date(2026, 12, 23), 2, calendar) == date(2026, 12, 25)


@pytest.mark.parametrize("line", ["24.12.2026 Eve", "2026-13-01 No month", "2026-02-29 No leap year", "Eve",
                                  "2026-W52-4 Eve", "2026-1-1 Eve", "２０２６-12-24 Eve"])  # fmt: skip
def test_a_closing_day_is_a_date_and_a_name(line):
    with pytest.raises(BadLine):
        read_closing_day(line)
    assert read_closing_day(" 2028-02-29  Leap party ") == (date(2028, 2, 29), "Leap party")


def test_equal_calendars_are_one():
    again = WorkCalendar(**{name: getattr(BERLIN, name) for name in WorkCalendar.__dataclass_fields__})
    assert {BERLIN: 1}[again] == 1
