"""The dashboard as a page: what it opens with, its filters, its sheets, and the deals behind a number."""

import csv
import io
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal, Task

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    boss = f.make_admin()
    client.force_login(boss)
    return boss


@pytest.fixture
def deals(boss):
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    return [
        f.make_deal(pipeline, amount=Decimal(money), next_step="", next_step_on=None, lead_source=source)
        for money, source in ((1000, "Fair"), (2000, "Web"))
    ]


def test_the_page_begins_with_what_is_proven(client, deals):
    page = client.get("/dashboard/").content.decode()
    assert "<h1>€0 proven, of €3k in the pipeline</h1>" in page


def test_a_filter_in_the_address_narrows_every_figure(client, deals):
    assert "of €2k in the pipeline" in client.get("/dashboard/?source=Web").content.decode()


def test_a_number_opens_the_deals_behind_it(client, deals):
    page = client.get("/dashboard/deals/?source=Web&of=pipeline.open&arg=no_step").content.decode()
    assert deals[1].name in page and deals[0].name not in page


@pytest.mark.parametrize("of", ["pipeline", "pipeline.none", "none.open", "pipeline.open.x"])
def test_a_number_there_is_not_is_not_found(client, boss, of):
    assert client.get("/dashboard/deals/", {"of": of}).status_code == 404


def test_a_panel_comes_as_a_sheet(client, deals):
    response = client.get(reverse("panel_csv", args=["pipeline"]))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines == [
        "Pipeline,Cause,Deals,Money",
        "Proven,,0,0.00",
        "Claimed,next step missing or past,2,3000.00",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "owner=x",
        "owner=99999999999999999999",
        "period=never",
        "period=own&from=2026-13-01&to=x",
        "period=own&from=9999-12-31&to=9999-12-31",
        "period=own&from=0001-01-01&to=0001-01-02",
        "band=xx",
        "source=%27",
    ],
)
def test_an_address_nobody_could_mean_shows_the_page_all_the_same(client, deals, query):
    assert client.get(f"/dashboard/?{query}").status_code == 200


@pytest.mark.parametrize("month", ["9999-12", "0001-01"])
def test_a_month_nobody_could_mean_has_no_deals(client, deals, month):
    page = client.get("/dashboard/deals/", {"of": "accuracy.won", "arg": month})
    assert page.status_code == 200 and "No deal stands behind this number." in page.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [("owner=99999", "not found"), ("source=Faire", "Faire"), ("team=99999", "not found")],
)
def test_what_the_address_asks_for_is_what_the_filters_show(client, deals, query, words):
    page = client.get(f"/dashboard/?{query}").content.decode()
    value = query.partition("=")[2]
    assert "of €0 in the pipeline" in page and f'<option value="{value}" selected>{words}</option>' in page


def test_a_version_asked_for_without_its_pipeline_is_shown(client, deals):
    version = deals[0].pipeline.version
    page = client.get(f"/dashboard/?version={version.pk}").content.decode()
    assert f'<option value="{version.pk}" selected>{deals[0].pipeline.name} {version.number}</option>' in page


def test_a_page_learns_that_something_changed_and_only_then(client, deals):
    version = client.get("/dashboard/").content.decode().partition('data-version="')[2].partition('"')[0]
    asked = "/dashboard/changes/?since=" + version
    assert client.get(asked).status_code == 204
    f.make_deal(deals[0].pipeline)
    assert client.get(asked).status_code == 200


def test_a_task_that_is_done_and_a_call_put_on_record_are_news_too(client, deals):
    task = Task.objects.create(
        deal=deals[0],
        assignee=deals[0].owner,
        title="Ask who signs",
        due_on=f.today(),
        created_at=timezone.now(),
    )
    for act in (
        lambda: Task.objects.filter(pk=task.pk).update(done_at=timezone.now()),
        lambda: f.log_call(deals[0]),
    ):
        page = client.get("/dashboard/").content.decode()
        asked = "/dashboard/changes/?since=" + page.partition('data-version="')[2].partition('"')[0]
        assert client.get(asked).status_code == 204
        act()
        assert client.get(asked).status_code == 200


def test_a_rep_sees_the_figures_of_their_team_alone(client, deals):
    client.force_login(f.make_user("Tom Averell", team="South"))
    assert "of €0 in the pipeline" in client.get("/dashboard/").content.decode()


def sheet_of(client, path, **asked):
    response = client.get(path, asked)
    assert response.status_code == 200, path
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def test_the_deals_behind_a_number_come_as_a_sheet_without_formulas(client, deals):
    Deal.objects.filter(pk=deals[1].pk).update(name="=1+1", next_step="@cmd")
    head, *rows = sheet_of(client, "/dashboard/deals.csv", of="pipeline.open", arg="no_step")
    assert head[0] == "Deal" and [row[0] for row in rows] == ["'=1+1", deals[0].name]
    assert [row[-1] for row in rows] == ["2000.00", "1000.00"] and rows[0][7] == "'@cmd"
    assert sheet_of(client, "/dashboard/deals.csv", of="make_it.proven")[0][-2:] == ["Amount", "Weighted"]
    assert client.get("/dashboard/deals.csv", {"of": "none.open"}).status_code == 404
    client.force_login(f.make_user("Tom Averell", team="South"))
    assert sheet_of(client, "/dashboard/deals.csv", of="pipeline.open", arg="no_step")[1:] == []


def test_the_page_of_deals_behind_a_number_links_the_sheet_of_just_these(client, deals):
    page = client.get("/dashboard/deals/?source=Web&of=pipeline.open&arg=no_step").content.decode()
    assert 'href="/dashboard/deals.csv?source=Web&amp;of=pipeline.open&amp;arg=no_step"' in page
