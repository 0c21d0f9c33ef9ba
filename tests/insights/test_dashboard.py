"""The dashboard as a page: what it opens with, its filters, its sheets, and the deals behind a number."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal, Task

from .. import factories as f
from . import worlds

pytestmark = pytest.mark.django_db


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


# The list behind a number


def heading(client, **asked):
    page = client.get("/dashboard/deals/", asked).content.decode()
    return re.sub(r"<[^>]+>", "", re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1])


def test_the_list_says_which_part_it_is(client, deals):
    stage, owner = deals[0].stage, deals[0].owner
    assert heading(client, of="pipeline.open", arg="no_step") == "Open deals: next step missing or past"
    assert heading(client, of="pipeline.open") == "Open deals"
    assert heading(client, of="leak.moved", arg=stage.pk) == f"Deals that moved on: {stage.name}"
    assert heading(client, of="winloss.ended", arg="source::Web") == "Deals that closed: Lead source, Web"
    assert heading(client, of="winloss.ended", arg="type::") == "Deals that closed: Type, none"
    assert heading(client, of="winloss.ended", arg="band::xl") == "Deals that closed: Size, 150k and more"
    assert heading(client, of="discipline.no_step", arg=owner.pk) == f"No next step: {owner.name}"
    assert heading(client, of="make_it.won", arg=f"rep-{owner.pk}").endswith(f": {owner.name}")
    assert heading(client, of="accuracy.won", arg="2026-12") == "Won in the month: December 2026"
    assert heading(client, of="changed.part", arg="new").endswith("Monday: New")
    assert heading(client, of="sources.begun", arg="-") == "Deals begun: No source given"
    reason = f.make_loss_reason()
    assert heading(client, of="why.lost", arg=reason.pk) == f"Deals lost: {reason.name}"


PARTS = [
    "leak.moved", "winloss.ended", "discipline.no_step", "make_it.won", "accuracy.won", "changed.part", "changed.then",
    "why.lost", "gates.refused", "objections.raised", "enough.qualified",
]  # fmt: skip


@pytest.mark.parametrize("of", PARTS)
def test_what_is_no_part_is_not_named(client, deals, of):
    for arg in ("0", "-1", "zz", "9" * 30, "team-", "rep-x", "a:b", "::", "٣", "<b>"):
        assert ":" not in heading(client, of=of, arg=arg), arg


def test_nobody_is_named_who_owns_no_deal_that_one_sees(client, deals):
    client.force_login(f.make_manager("Rita Aller", team="South"))
    assert heading(client, of="discipline.no_step", arg=deals[0].owner_id) == "No next step"
    assert heading(client, of="make_it.won", arg=f"team-{deals[0].team_id}") == "Won in the month or quarter"


def test_the_list_says_how_it_is_narrowed(client, deals):
    page = client.get(
        "/dashboard/deals/", {"of": "pipeline.open", "source": "Web", "band": "s"}
    ).content.decode()
    assert "Lead source: Web · Size: below 10k" in page
    assert "Lead source:" not in client.get("/dashboard/deals/?of=pipeline.open").content.decode()


def test_the_list_counts_what_became_of_its_deals_and_opens_each_part(client, deals):
    pipeline = deals[0].pipeline
    for how in ("lose", "lose", "archive"):
        worlds.end(f.make_deal(pipeline, amount=Decimal(500), lead_source="Fair"), how)
    asked = {"of": "sources.begun", "arg": "Fair"}
    page = client.get("/dashboard/deals/", asked).content.decode()
    for words in ("All 4", "Open 1", "Lost 2", "Archived 1"):
        assert words in " ".join(re.sub(r"<[^>]+>", " ", page).split()), words
    page = client.get("/dashboard/deals/", {**asked, "now": "lost"}).content.decode()
    assert "2 deals, " in page and "€1,000" in page and deals[0].name not in page
    assert len(sheet_of(client, "/dashboard/deals.csv", **asked, now="lost")) == 3
    assert "4 deals, " in client.get("/dashboard/deals/", {**asked, "now": "elsewhere"}).content.decode()


def test_a_long_name_of_a_part_opens_its_deals(client, deals):
    owner = f.make_user("Maximiliana " * 9)
    worlds.end(f.make_deal(deals[0].pipeline, owner, amount=Decimal(500)), "lose")
    page = client.get(
        "/dashboard/deals/", {"of": "winloss.ended", "arg": f"owner::{owner.name}"}
    ).content.decode()
    assert "1 deal, " in page
