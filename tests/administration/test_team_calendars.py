"""Whose calendar counts for the deals of a team, and that it is read once for many of them."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals import clocks
from deals.models import Deal
from deals.publishing import what_if
from deals.timers import due_stored
from pipeline.models import Rule
from pipeline.process import process_of
from pipeline.publishing import publish
from team import calendar
from team.calendar import calendar_of, local_date
from team.models import Organisation, Team, remembered

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    organisation = Organisation.current()
    organisation.time_zone, organisation.holiday_country, organisation.holiday_region = (
        "Europe/Berlin",
        "DE",
        "BE",
    )
    organisation.closing_days = "2026-12-24 Christmas Eve"
    organisation.save()
    return organisation


def test_a_team_without_its_own_has_the_organisations_calendar(house):
    team = f.make_team()
    assert calendar_of(team.pk) == calendar_of(None) == calendar.organisation_calendar()
    assert calendar_of(team.pk).time_zone == "Europe/Berlin"


def test_a_team_in_another_country_has_its_own_holidays_and_none_of_a_foreign_region(house):
    team = Team.objects.create(name="London", time_zone="Europe/London", holiday_country="GB")
    own = calendar_of(team.pk)
    assert (own.time_zone, own.working_days) == ("Europe/London", "12345")
    assert (own.holiday_country, own.holiday_region) == ("GB", "")
    assert not calendar.is_business_day(date(2026, 12, 28), own)  # Boxing Day, which was a Saturday
    assert calendar.is_business_day(date(2026, 12, 28), house)


def test_a_team_in_another_region_keeps_the_country(house):
    team = Team.objects.create(name="Munich", holiday_region="BY")
    assert (calendar_of(team.pk).holiday_country, calendar_of(team.pk).holiday_region) == ("DE", "BY")


def test_a_teams_closing_days_come_on_top(house):
    team = Team.objects.create(name="Munich", closing_days="2026-12-23 Move of the office")
    own = calendar_of(team.pk)
    assert not calendar.is_business_day(date(2026, 12, 23), own)
    assert not calendar.is_business_day(date(2026, 12, 24), own)
    assert calendar.is_business_day(date(2026, 12, 23), house)


def test_many_deals_of_many_teams_cost_one_statement(house, django_assert_num_queries):
    teams = [Team.objects.create(name=f"Team {n}", working_days="1234") for n in range(12)]
    with remembered(), django_assert_num_queries(2):
        assert {calendar_of(team.pk).working_days for team in teams for _deal in range(50)} == {"1234"}


def test_without_such_a_team_nothing_more_is_read_than_the_organisation(house, django_assert_num_queries):
    team = f.make_team()
    with remembered(), django_assert_num_queries(1):
        assert calendar_of(team.pk) is calendar_of(team.pk)


def test_what_an_admin_changes_counts_from_then_on_even_within_the_request(house):
    team = f.make_team()
    with remembered():
        assert calendar_of(team.pk).working_days == "12345"
        team.working_days = "7"
        team.save()
        assert calendar_of(team.pk).working_days == "7"
        house.time_zone = "Asia/Tokyo"
        house.save()
        assert calendar_of(team.pk).time_zone == "Asia/Tokyo"


def test_every_change_of_a_calendar_is_seen_by_its_digest_and_nothing_else_is(house):
    team, seen = f.make_team(), {calendar.digest()}
    for row, name, value in [(house, "time_zone", "UTC"), (house, "working_days", "123"), (house, "closing_days", ""),
                             (house, "holiday_country", ""), (house, "holiday_region", ""),
                             (team, "working_days", "12"), (team, "closing_days", "2026-12-23 x")]:  # fmt: skip
        setattr(row, name, value)
        row.save()
        seen.add(calendar.digest())
    assert len(seen) == 8
    house.name, team.name = "Another name", "Another team"
    house.save()
    team.save()
    assert calendar.digest() in seen


def test_the_digest_costs_two_statements_however_many_teams(house, django_assert_num_queries):
    for number in range(9):
        Team.objects.create(name=f"Team {number}", closing_days="2026-12-23 x")
    with django_assert_num_queries(2):
        calendar.digest()


def test_the_clock_of_a_deal_follows_its_teams_calendar(house):
    deal = f.make_deal(stage="Propose")
    sent = datetime(2026, 11, 4, 12, 0, tzinfo=UTC)
    deal.awaiting_since = deal.last_buyer_activity_at = deal.known_since = sent

    def days():
        return {mark.key: mark.day for mark in clocks.face(deal, process_of(deal.pipeline), house)}

    assert days()["follow_up"] == date(2026, 11, 11)
    deal.team.closing_days = "2026-11-09 Fair\n2026-11-10 Fair"
    deal.team.save()
    assert days()["follow_up"] == date(2026, 11, 13)
    assert days()["archive"] == date(2026, 12, 4)


def test_whether_a_record_comes_late_is_judged_by_the_teams_calendar(house):
    deal = f.make_deal(stage="Propose")
    happened, now = datetime(2026, 11, 5, 12, 0, tzinfo=UTC), datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
    assert clocks.is_late(happened, now, calendar_of(deal.team_id))
    deal.team.closing_days = "2026-11-09 Fair"
    deal.team.save()
    assert not clocks.is_late(happened, now, calendar_of(deal.team_id))


def test_one_statement_counts_the_deals_of_all_calendars_as_deal_by_deal(house):
    pipeline, now = f.make_pipeline(), datetime(2026, 11, 11, 12, 0, tzinfo=UTC)
    teams = [f.make_team("Berlin"), Team.objects.create(name="London", closing_days="2026-11-09 Fair"),
             Team.objects.create(name="Dubai", working_days="12347")]  # fmt: skip
    deals = []
    for team in teams:
        for day in range(1, 12):
            deal = f.make_deal(pipeline, f.make_user(f"P{team.pk}-{day}", team=team.name))
            sent = datetime(2026, 11, day, 12, 0, tzinfo=UTC)
            Deal.objects.filter(pk=deal.pk).update(awaiting_since=sent, last_buyer_activity_at=sent)
            deals.append(f.fresh(deal))
    process = process_of(pipeline)
    due = [deal for deal in deals for mark in clocks.face(deal, process, house)
           if mark.key == "follow_up" and mark.day <= date(2026, 11, 11)]  # fmt: skip
    days = {key: rule.days for key, rule in what_if.rules_of(pipeline).items()}
    row = next(row for row in what_if.rows(pipeline, days, Deal.objects.all(), now) if row.key == "follow_up")
    assert row.now.count == len(due)
    assert len({deal.team_id: 0 for deal in due}) == 3
    by_team = [sum(deal.team_id == team.pk for deal in due) for team in teams]
    assert len(set(by_team)) > 1  # the calendars do tell deals apart


def test_a_rule_in_shadow_stands_on_no_clock(house):
    deal = f.make_deal(stage="Propose")
    deal.awaiting_since = deal.last_buyer_activity_at = datetime(2026, 11, 4, 12, 0, tzinfo=UTC)
    Rule.objects.filter(pipeline=deal.pipeline, key="archive").update(is_shadow=True)
    publish(deal.pipeline, by=deal.owner)
    deal.pipeline.refresh_from_db()
    marks = {mark.key for mark in clocks.face(deal, process_of(deal.pipeline), house)}
    assert marks == {"follow_up", "re_engage"}


def test_a_changed_calendar_moves_what_comes_next_of_many_deals_in_a_few_statements(house):
    pipeline, sent = f.make_pipeline(), datetime(2026, 11, 4, 12, 0, tzinfo=UTC)
    for number in range(12):
        f.make_deal(pipeline, f.make_user(f"Rep {number}", team=f"Team {number % 3}"), stage="Propose")
    Deal.objects.update(awaiting_since=sent, last_buyer_activity_at=sent)
    due_stored.follow_many(Deal.objects.live())
    Team.objects.filter(name="Team 1").update(closing_days="2026-11-09 Fair")
    with CaptureQueriesContext(connection) as many:
        assert due_stored.follow_many(Deal.objects.live()) == 4
    assert len(many) <= 7, [query["sql"] for query in many]
    firsts = Deal.objects.values_list("team__name", "next_due_at").distinct()
    assert {name: local_date(at, house) for name, at in firsts} == {
        "Team 0": date(2026, 11, 11), "Team 1": date(2026, 11, 12), "Team 2": date(2026, 11, 11)
    }  # fmt: skip
