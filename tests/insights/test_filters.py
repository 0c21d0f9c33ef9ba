"""The filters of the pages of figures: what they offer, what they narrow, and how days of one's own are asked for."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from deals.models import BulkItem, Company, Deal
from insights import choices, periods
from insights.forecast import judged
from insights.lens import Lens
from insights.panels import headline, winloss

from .. import factories as f
from . import worlds

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def boss(client, time_machine):
    time_machine.move_to(NOON, tick=False)
    boss = f.make_admin()
    client.force_login(boss)
    return boss


@pytest.fixture
def pipeline(boss):
    return f.make_pipeline(stages=f.OPEN_GATES)


def of_segment(pipeline, segment, amount, **fields):
    company = Company.objects.create(name=f"{segment or 'No'} company {amount}", industry=segment)
    return f.make_deal(pipeline, amount=Decimal(amount), company=company, **fields)


def offered(user, **asked):
    return {name: found for name, _label, found, _chosen in choices.of(worlds.lens(user, **asked))}


def test_the_filters_offer_the_sources_and_types_there_are(boss, pipeline):
    for source, kind in (("web", "New"), ("Fair", ""), ("", "Upgrade"), ("web", "Upgrade")):
        f.make_deal(pipeline, lead_source=source, deal_type=kind)
    assert [key for key, _words in offered(boss)["source"]] == ["Fair", "web"]
    assert [key for key, _words in offered(boss)["type"]] == ["New", "Upgrade"]


# Segment


def test_a_segment_in_the_address_narrows_every_figure(client, pipeline):
    of_segment(pipeline, "Dairies", 1000)
    of_segment(pipeline, "Glass", 2000)
    assert "of €2k in the pipeline" in client.get("/dashboard/?segment=Glass").content.decode()
    assert "1 deal, " in client.get("/dashboard/deals/?segment=Glass&of=pipeline.open").content.decode()


def test_what_is_counted_of_the_segments_adds_up_to_the_whole(boss, pipeline):
    for segment, amount in (("Dairies", 10), ("Dairies", 20), ("Glass", 40), ("", 80)):
        of_segment(pipeline, segment, amount)
        worlds.end(of_segment(pipeline, segment, amount + 1), "lose")
    whole, turned = worlds.lens(boss), winloss.of(worlds.lens(boss))
    parts = {part.key: part.ended for turn in turned.turns if turn.by == "industry" for part in turn.parts}
    assert {key: ended.lost for key, ended in parts.items()} == {"Dairies": 2, "Glass": 1, "": 1}
    for segment in ("Dairies", "Glass"):
        narrowed = worlds.lens(boss, segment=segment)
        assert winloss.of(narrowed).whole == parts[segment]
    money = [headline.of(worlds.lens(boss, segment=segment)).whole for segment in ("Dairies", "Glass")]
    assert (*money, headline.of(whole).whole) == (30, 40, 150)


def test_the_segments_there_are_are_offered(boss, pipeline):
    for segment in ("Glass", "dairies", "", "Glass"):
        of_segment(pipeline, segment, 10)
    assert offered(boss)["segment"] == [("dairies", "dairies"), ("Glass", "Glass")]


def test_a_manager_of_one_team_is_not_offered_the_segments_of_another(pipeline):
    south = f.make_manager("Rita Aller", team="South")
    of_segment(pipeline, "Glass", 10, owner=f.make_user("Tom Averell", team="South"))
    of_segment(pipeline, "Paper", 10, owner=f.make_user("Ines Duarvo", team="South"))
    of_segment(pipeline, "Dairies", 10, owner=f.make_user("Mara Kessel", team="North"))
    assert [key for key, _words in offered(south)["segment"]] == ["Glass", "Paper"]


def test_nothing_is_forecast_by_segment_and_no_target_is_set_for_one(client, pipeline):
    of_segment(pipeline, "Glass", 10)
    page = client.get("/dashboard/?segment=Glass").content.decode()
    assert "Forecasts are kept by pipeline, team and owner, not for this part." in page
    assert "Targets are set for all, teams and people, not for this part." in page
    assert not judged.can(worlds.lens(f.make_admin(), segment="Glass"))


def test_the_audit_of_a_segment_acts_on_its_deals_alone(client, pipeline):
    mine, other = (of_segment(pipeline, segment, 10, stage="Propose") for segment in ("Glass", "Dairies"))
    Deal.objects.filter(pk__in=[mine.pk, other.pk]).update(next_step="", next_step_on=None)
    page = client.get("/audit/?segment=Glass").content.decode()
    assert mine.name in page and other.name not in page and 'name="segment" value="Glass"' in page
    given = {
        "action": "archive",
        "all": "1",
        "segment": "Glass",
        "reason": "Nobody buys glass",
        "token": TOKEN,
    }
    client.post("/audit/act/start/", given)
    assert list(BulkItem.objects.values_list("deal", flat=True)) == [mine.pk]
    assert (f.fresh(mine).status, f.fresh(other).status) == ("archived", "open")


TOKEN = "0b0e6f3a-55a2-4f0e-9f2e-7a1d53c6a6d1"


# Days of one's own


def asked(**query):
    key, start, end = periods.asked(query, date(2026, 11, 18))
    return key, str(start), str(end)


def test_the_form_takes_days_from_and_to_and_keeps_them(client, pipeline):
    page = client.get("/dashboard/").content.decode()
    assert '<option value="own">' in page and 'type="date" id="l-from" name="from"' in page
    page = client.get("/dashboard/?period=own&from=2026-09-01&to=2026-09-30").content.decode()
    assert '<option value="own" selected>' in page and 'name="from" value="2026-09-01"' in page
    assert "1 Sep 2026 – 30 Sep 2026" in page


def test_days_that_are_filled_in_count_although_the_period_was_left_as_it_was():
    given = {"from": "2026-09-01", "to": "2026-09-30"}
    assert asked(period="90", had="90", **given) == ("own", "2026-09-01", "2026-09-30")
    assert asked(period="own", had="90", **given) == ("own", "2026-09-01", "2026-09-30")


def test_another_period_counts_although_days_are_filled_in_still():
    given = {"from": "2026-09-01", "to": "2026-09-30"}
    assert asked(period="last_month", had="own", **given) == ("last_month", "2026-10-01", "2026-10-31")
    assert asked(period="month", **given) == ("month", "2026-11-01", "2026-11-18")


@pytest.mark.parametrize("days", [{}, {"from": "2026-09-01"}, {"from": "2026-09-30", "to": "2026-09-01"}])
def test_half_a_span_is_none(days):
    assert asked(period="month", had="month", **days)[0] == "month"


def test_pages_without_a_period_ask_for_no_days(client, pipeline):
    for page in ("/dashboard/stalled/", "/dashboard/at-risk/", "/dashboard/forecast/"):
        assert 'name="from"' not in client.get(page).content.decode()


def test_the_address_of_own_days_is_the_same_however_they_were_asked_for(boss):
    given = {"period": "90", "had": "90", "from": "2026-09-01", "to": "2026-09-30"}
    assert Lens.from_query(boss, given, timezone.now()).query == "period=own&from=2026-09-01&to=2026-09-30"
