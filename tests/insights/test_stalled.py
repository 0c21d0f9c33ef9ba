"""Deals that stand in their stage for longer than won deals did: by hand, by eye and by sheet."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals import moves
from insights.learning import stays
from insights.weekly import stalled
from pipeline.process import process_of

from .. import factories as f
from . import worlds as w

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return f.make_admin()


@pytest.fixture
def pipeline(boss):
    return f.make_pipeline(stages=f.OPEN_GATES, owner=boss)


def thresholds(boss):
    return {row.stage.name: row for row in stalled.normal(w.lens(boss))}


def test_normal_is_the_average_of_won_deals_and_the_target_where_these_are_few(boss, pipeline):
    rep = f.make_user()
    for qualify in (4, 6, 8, 10, 12):
        w.stood(pipeline, rep, qualify, 3)
    w.stood(pipeline, rep, 40, 40, ended="lose")
    found = thresholds(boss)
    assert (found["Qualify"].days, found["Qualify"].wins, found["Qualify"].is_target) == (8, 5, False)
    assert (found["Discover"].days, found["Discover"].wins) == (3, 5)
    assert (found["Propose"].days, found["Propose"].is_target) == (10, True)


def test_who_came_back_to_a_stage_stood_there_twice(boss, pipeline):
    deal = w.stood(pipeline, f.make_user(), 30, 20, ended="")
    first = process_of(pipeline).stages[0].stage_id
    w.at(10, moves.back, deal.pk, to=first, seen_seq=deal.seq, by=None, reason="The problem was another one")
    w.end(deal, "win")
    found = stays.averages(type(deal).objects.all(), w.ago(20))
    assert found[first] == (pytest.approx(40, abs=0.01), 1)
    assert stays.of_each([f.fresh(deal)])[deal.pk][first] in (39, 40)


def test_a_deal_stalls_from_the_day_after_what_is_normal(boss, pipeline):
    rep = f.make_user()
    late = w.stood(pipeline, rep, 11, ended="", amount=Decimal(300))
    w.stood(pipeline, rep, 10, ended="", amount=Decimal(500))
    w.stood(pipeline, rep, 30, ended="lose")
    lens = w.lens(boss)
    known = stalled.normal(lens)
    assert [deal.pk for deal in stalled.listed(lens, known)] == [late.pk]
    data = stalled.of(lens, known)
    assert (data.count, data.money, data.owners) == (1, Decimal(300), [(rep.name, rep.pk, 1, Decimal(300))])
    row = data.thresholds[0]
    assert (row.live, row.stalled, row.money) == (2, 1, Decimal(300))


def test_a_paused_deal_waits_and_does_not_stall(boss, pipeline):
    deal = w.stood(pipeline, f.make_user(), 60, ended="")
    moves.pause(
        deal.pk, seen_seq=deal.seq, by=None, reason="On leave", until=str(f.today() + timedelta(days=10))
    )
    lens = w.lens(boss)
    assert stalled.of(lens).count == 0


def test_the_page_lists_them_with_owner_money_and_days_and_opens_one_stage(client, boss, pipeline):
    deal = w.stood(pipeline, f.make_user(), 30, ended="", name="Cold store")
    client.force_login(boss)
    page = client.get("/dashboard/stalled/").content.decode()
    assert "1 deal stalls" in page and "Cold store" in page and "20 over" in page and "Mara Kessel" in page
    other = process_of(pipeline).stages[1].stage_id
    assert "Cold store" not in client.get(f"/dashboard/stalled/?stage={other}").content.decode()
    assert "Cold store" in client.get(f"/dashboard/stalled/?stage={deal.stage_id}").content.decode()


def test_each_sees_the_deals_they_may_see(client, boss, pipeline):
    w.stood(pipeline, f.make_user(), 30, ended="", name="Cold store")
    client.force_login(f.make_manager("Karl Ost", team="South"))
    assert "Cold store" not in client.get("/dashboard/stalled/").content.decode()
    assert b"Cold store" not in client.get("/dashboard/stalled/deals.csv").getvalue()


def test_the_sheet_is_the_page_and_runs_nothing_in_a_spreadsheet(client, boss, pipeline):
    w.stood(pipeline, f.make_user(), 30, ended="", name="=1+1")
    client.force_login(boss)
    lines = client.get("/dashboard/stalled/deals.csv").getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and lines[1].startswith("'=1+1,") and ",30,10,1000.00," in lines[1]


def test_the_sheet_comes_as_it_is_read_with_as_many_statements_however_many_deals(client, boss, pipeline):
    mara = f.make_user()
    w.stood(pipeline, mara, 30, ended="")
    client.force_login(boss)

    def statements():
        with CaptureQueriesContext(connection) as found:
            response = client.get("/dashboard/stalled/deals.csv")
            assert response.streaming and response.getvalue()
        return len(found)

    statements()  # what is read once in a process's life
    few = statements()
    for _n in range(4):
        w.stood(pipeline, mara, 40, ended="")
    assert statements() == few


def test_what_is_normal_and_whose_deals_stall_are_sheets_of_what_one_sees(client, boss, pipeline):
    w.stood(pipeline, f.make_user("=Mara Kessel"), 30, ended="", amount=Decimal(300))

    def lines(name):
        return client.get(f"/dashboard/stalled/{name}.csv").content.decode("utf-8-sig").splitlines()

    client.force_login(boss)
    assert (
        f"{pipeline.name},Qualify,10,target of the stage: fewer than 5 wins to learn from,1,1,300.00"
        in lines("stages")
    )
    assert lines("owners")[1:] == ["'=Mara Kessel,1,300.00"]
    client.force_login(f.make_manager("Karl Ost", team="South"))
    assert lines("owners")[1:] == []
    assert all(line.endswith(",0,0,0.00") for line in lines("stages")[1:])


def test_the_number_of_statements_does_not_grow_with_the_deals(boss, pipeline, django_assert_num_queries):
    rep = f.make_user()
    lens = w.lens(boss)
    assert lens.organisation and lens.pipelines
    stalled.of(lens)
    with django_assert_num_queries(5):
        stalled.of(lens)
    for _ in range(3):
        w.stood(pipeline, rep, 30, ended="")
        w.stood(pipeline, rep, 3)
    with django_assert_num_queries(5):
        stalled.of(lens)
