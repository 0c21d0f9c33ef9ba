"""Calendars in the administration: typed, refused beside the field, and shown for the next twelve months."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from team.calendar import WorkCalendar
from team.calendar_page import CalendarPage
from team.models import Organisation, Team

from .. import factories as f
from ..browser import DESKTOP, PHONE
from ..fingerprint import fingerprint
from ..forms_of import form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    person = f.make_admin()
    client.force_login(person)
    return person


def page_of(row):
    return reverse(f"admin:team_{row._meta.model_name}_change", args=[row.pk])


def send(client, row, **typed):
    return client.post(page_of(row), form_of(client.get(page_of(row)), "_form") | typed)


def test_an_admin_sets_the_calendar_of_the_organisation(client, admin):
    house = Organisation.current()
    typed = {"time_zone": "Europe/Berlin", "working_days": list("1234"), "holiday_country": "DE",
             "holiday_region": "be", "closing_days": "2026-12-31  Last\r\n\r\n2026-12-24 Christmas Eve"}  # fmt: skip
    assert send(client, house, **typed).status_code == 302
    house = Organisation.objects.get()
    assert (house.time_zone, house.working_days) == ("Europe/Berlin", "1234")
    assert (house.holiday_country, house.holiday_region) == ("DE", "BE")
    assert house.closing_days == "2026-12-24 Christmas Eve\n2026-12-31 Last"
    assert send(client, house).status_code == 302  # what is shown is what is kept
    assert Organisation.objects.get().working_days == "1234"


def test_a_teams_calendar_is_empty_where_it_is_the_organisations(client, admin):
    team = f.make_team()
    assert send(client, team).status_code == 302
    team.refresh_from_db()
    assert (team.time_zone, team.working_days, team.holiday_country, team.closing_days) == ("", "", "", "")
    assert send(client, team, holiday_country="GB", working_days=["1", "2"]).status_code == 302
    team.refresh_from_db()
    assert (team.holiday_country, team.working_days) == ("GB", "12")


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("closing_days", "2026-12-24 Eve\n24.12.2026 Eve", "Line 2, “24.12.2026 Eve”: write the date as 2026-12-24"),
        ("closing_days", "2026-02-29 No leap year", "Line 1, “2026-02-29 No leap year”"),
        ("closing_days", "\n\nparty", "Line 3, “party”"),
        ("time_zone", "Mars/Olympus", "No time zone of that name"),
        ("working_days", ["8"], "Choose days of the week"),
        ("holiday_country", "ZZ", "We have no calendar for that country"),
        ("holiday_region", "QQ", "We have no calendar for that region of the country. It has BB, BE,"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("model", [Organisation, Team])
def test_what_nobody_could_count_with_is_refused_beside_its_field(client, admin, model, field, typed, words):
    house = Organisation.current()
    house.holiday_country, house.holiday_region = "DE", "BE"
    house.save()
    row = house if model is Organisation else f.make_team()
    before = fingerprint()
    response = send(client, row, **{field: typed})
    assert response.status_code == 422
    form = response.context["adminform"].form
    assert words in " ".join(form.errors[field])
    assert list(form.errors) == [field]
    assert fingerprint() == before


def test_every_problem_of_the_closing_days_is_said_at_once(client, admin):
    typed = "soon Eve\n2026-12-24 Eve\n2026-13-01 x"
    response = send(client, Organisation.current(), closing_days=typed)
    html = response.content.decode()
    assert "Line 1, “soon Eve”" in html
    assert "Line 3, “2026-13-01 x”" in html
    assert typed in html


def berlin(today, **columns):
    return CalendarPage(WorkCalendar("Europe/Berlin", "12345", "DE", "BE", **columns), today)


def test_the_page_names_holidays_and_closing_days_and_counts_what_is_left():
    page = berlin(date(2026, 11, 21), closing_days="2026-12-24 Christmas Eve")
    assert [month.first for month in page.months][:3] == [
        date(2026, 11, 1),
        date(2026, 12, 1),
        date(2027, 1, 1),
    ]
    assert len(page.months) == 12
    december = page.months[1]
    assert [(day.day.day, day.mark, day.name) for day in december.named] == [
        (24, "C", "Christmas Eve"), (25, "H", "Christmas Day"), (26, "H", "Second Day of Christmas")
    ]  # fmt: skip
    assert december.working == 21  # 23 from Monday to Friday, less the 24th and the 25th
    assert page.five == date(2026, 11, 27)
    assert page.working == sum(month.working for month in page.months)


def test_a_leap_year_shows_its_day():
    february = berlin(date(2028, 1, 10)).months[1]
    assert [day.day for week in february.weeks for day in week if day][-1] == date(2028, 2, 29)
    assert february.working == 21


def test_the_page_says_until_when_holidays_are_known():
    assert berlin(date(2100, 6, 1)).unknown_after == 2100
    assert CalendarPage(WorkCalendar(holiday_country="ZZ"), date(2026, 6, 1)).unknown_after == 0
    assert berlin(date(2026, 6, 1)).unknown_after is None


def test_organisation_and_team_lead_to_their_next_twelve_months(client, admin):
    house, team = Organisation.current(), Team.objects.create(name="London", holiday_country="GB")
    team.closing_days = f"{timezone.now().date()} Move of the office"
    team.save()
    for row in (house, team):
        address = page_of(row).replace("change", "calendar")
        assert address in client.get(page_of(row)).content.decode()
        page = client.get(address)
        assert page.status_code == 200
        assert ("Move of the office" in page.content.decode()) == (row == team)
    assert "United Kingdom" in page.content.decode()


def test_a_calendar_is_for_admins_alone(client):
    client.force_login(f.make_manager())
    address = reverse("admin:team_organisation_calendar", args=[Organisation.current().pk])
    assert client.get(address).status_code in (302, 403)


def test_today_is_the_teams_today(client, admin):
    team = Team.objects.create(name="Apia", time_zone="Pacific/Apia")
    page = client.get(reverse("admin:team_team_calendar", args=[team.pk])).context["page"]
    assert page.today == timezone.localtime(timezone=ZoneInfo("Pacific/Apia")).date()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_calendars_are_usable_by_all_and_break_no_policy(open_page, axe, size):
    house, boss = Organisation.current(), f.make_admin()
    house.holiday_country, house.closing_days = "DE", "2026-12-24 Christmas Eve"
    house.save()
    for path in (
        page_of(house).replace("change", "calendar"),
        page_of(house),
        page_of(f.make_team()).replace("change", "calendar"),
    ):
        page = open_page(path, user=boss, size=size)
        assert page.complaints == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert list(axe(page)) == [], path
