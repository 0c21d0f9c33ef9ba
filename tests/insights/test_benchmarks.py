"""Bands for figures: who sets them, how each figure stands, and one task for each time outside."""

import copy
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from automations import tick
from deals.models import Task
from insights import benchmarks
from insights.metrics import six
from insights.models import Benchmark
from pipeline.process import process_of
from team.models import Notice, User

from .. import factories as f
from ..fingerprint import fingerprint
from . import worlds as w

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return Company()


@pytest.fixture
def boss(made, db):
    return copy.deepcopy(made.boss)


@pytest.fixture
def ruth(made, db):
    return copy.deepcopy(made.ruth)


@pytest.fixture
def pipeline(made, db):
    return copy.deepcopy(made.pipeline)


@pytest.fixture
def company(made, db):
    return copy.deepcopy(made.oldest)


class Company:
    """Qualified: two won, four lost, so a third of them; one more lives since 30 days, and one since 40."""

    def __init__(self):
        self.boss, self.ruth = f.make_admin(), f.make_manager()
        self.pipeline = f.make_pipeline("New business", stages=f.OPEN_GATES, owner=self.boss)
        rep = f.make_user()
        for how in ("win", "win", "lose", "lose", "lose", "lose"):
            w.stood(self.pipeline, rep, 4, 3, ended=how, amount=Decimal(600))
        w.stood(self.pipeline, rep, 30, ended="", name="Newer")
        self.oldest = w.stood(self.pipeline, rep, 40, ended="", name="Cold store")


def band(pipeline, asks, metric="win_rate", low=None, high=None, stage=None):
    return Benchmark.objects.create(
        metric=metric, pipeline=pipeline, stage=stage, low=low, high=high, asks=asks
    )


def tonight(days=0):
    return timezone.now() + timedelta(days=days)


# how it stands


def test_a_figure_is_the_dashboards_own(company, pipeline, boss):
    row = band(pipeline, boss, low=50)
    standing = benchmarks.standings(boss, tonight())[0]
    lens = w.lens(boss, pipeline=str(pipeline.pk))
    assert standing.value == six.measured(lens)["win_rate"][0] == pytest.approx(100 / 3)
    assert standing.benchmark == row and standing.is_outside and standing.words == "33.3%"
    assert standing.sentence == "Win rate of New business is 33.3%; normal is at least 50%"


@pytest.mark.parametrize("metric", benchmarks.METRICS)
def test_every_figure_counts_on_its_place(company, pipeline, boss, metric):
    stage = pipeline.stages.get(name="Qualify") if benchmarks.METRICS[metric].of_stage else None
    band(pipeline, boss, metric, low=1, stage=stage)
    expected = {
        "win_rate": 100 / 3, "close_rate": 100 / 3, "cycle": 7, "deal_value": 600, "lead_to_opportunity": 75,
        "proven": 0, "conversion": 100, "stage_win_rate": 100 / 3, "time_in_stage": 4,
    }  # fmt: skip
    assert float(benchmarks.standings(boss, tonight())[0].value) == pytest.approx(expected[metric], abs=0.01)


@pytest.mark.parametrize(
    ("low", "high", "outside"),
    [(30, None, False), (34, None, True), (None, 33, True), (20, 40, False), (40, 50, True)],
)
def test_the_ends_of_a_band_are_inside(company, pipeline, boss, low, high, outside):
    row = band(pipeline, boss, low=low, high=high)
    assert benchmarks.standings(boss, tonight())[0].is_outside is outside
    assert benchmarks.Standing(row, low or high, "EUR").is_outside is False


def test_of_too_few_deals_nothing_is_said_and_nobody_is_asked(boss):
    pipeline = f.make_pipeline("Renewals", stages=f.OPEN_GATES, owner=boss)
    w.stood(pipeline, f.make_user(), 2, 2, ended="lose")
    band(pipeline, boss, low=50)
    assert benchmarks.standings(boss, tonight())[0].is_outside is None
    benchmarks.check(tonight())
    assert (
        not Task.objects.exists()
        and not Notice.objects.filter(user=boss, key__startswith="benchmark").exists()
    )


# the night


def test_outside_its_band_one_task_and_one_notice_are_made(company, pipeline, boss, ruth):
    row = band(pipeline, ruth, low=50)
    assert benchmarks.check(tonight()) == "1 benchmarks looked at, 1 outside"
    task = Task.objects.get()
    assert (task.assignee, task.deal, task.title) == (
        ruth, company, "Win rate of New business is 33.3%; normal is at least 50%"
    )  # fmt: skip
    assert Notice.objects.get(user=ruth).url == "/dashboard/benchmarks/"
    row.refresh_from_db()
    assert row.outside_since == f.today()


def test_while_it_stays_outside_nobody_is_asked_again(company, pipeline, ruth):
    band(pipeline, ruth, low=50)
    for days in range(4):
        benchmarks.check(tonight(days))
        benchmarks.check(tonight(days))
    assert Task.objects.count() == 1 and Notice.objects.filter(user=ruth).count() == 1
    assert Benchmark.objects.get().outside_since == f.today()


def test_back_inside_it_is_over_and_the_next_time_outside_is_another(company, pipeline, ruth):
    row = band(pipeline, ruth, low=50)
    benchmarks.check(tonight())
    Benchmark.objects.update(low=20)
    benchmarks.check(tonight(1))
    row.refresh_from_db()
    assert row.outside_since is None and Task.objects.count() == 1
    Benchmark.objects.update(low=50)
    benchmarks.check(tonight(2))
    assert Task.objects.count() == 2


def test_a_band_saved_as_it_stands_asks_nobody_again_and_another_one_does(client, company, pipeline, ruth):
    row = band(pipeline, ruth, low=50)
    benchmarks.check(tonight())
    client.force_login(ruth)
    same = {"low": "50", "high": "", "asks": str(ruth.pk)}
    for _time in range(2):
        client.post(f"/dashboard/benchmarks/{row.pk}/", same)
        benchmarks.check(tonight())
        benchmarks.check(tonight(1))
    assert Task.objects.count() == 1 and Notice.objects.filter(user=ruth).count() == 1
    client.post(f"/dashboard/benchmarks/{row.pk}/", {**same, "low": "60"})
    benchmarks.check(tonight(1))
    assert Task.objects.count() == 2


def test_it_is_looked_at_once_a_night(company, pipeline, ruth, django_assert_num_queries):
    band(pipeline, ruth, low=50)
    benchmarks.check(tonight())
    Benchmark.objects.update(outside_since=None)
    with django_assert_num_queries(2):  # the organisation, and what is due
        assert benchmarks.check(tonight()) is None
    assert Task.objects.count() == 1


def test_it_counts_the_deals_that_whoever_is_asked_may_see(company, pipeline):
    band(pipeline, f.make_manager("Karl Ost", team="South"), low=50)
    benchmarks.check(tonight())
    assert not Task.objects.exists()


def test_where_that_person_has_left_the_process_owner_is_asked(company, pipeline, ruth, boss):
    band(pipeline, ruth, low=50)
    User.objects.filter(pk=ruth.pk).update(is_active=False)
    benchmarks.check(tonight())
    assert Task.objects.get().assignee == boss


def test_of_a_stage_the_task_hangs_on_the_deal_that_stood_longest_in_it(company, pipeline, ruth):
    discover = pipeline.stages.get(name="Discover")
    there = w.stood(pipeline, f.make_user(), 2, 5, ended="")
    band(pipeline, ruth, "stage_win_rate", low=90, stage=discover)
    benchmarks.check(tonight())
    assert Task.objects.get().deal == there


def test_the_tick_does_it(company, pipeline, ruth):
    band(pipeline, ruth, low=50)
    assert "1 benchmarks looked at, 1 outside" in str(tick.run(tonight()))


# the page


PAGE = "/dashboard/benchmarks/"


def given(pipeline, who, **fields):
    return {
        "metric": "win_rate",
        "place": str(pipeline.pk),
        "low": "30%",
        "high": "",
        "asks": str(who.pk),
    } | fields


def test_a_manager_sets_changes_and_removes_one(client, company, pipeline, ruth):
    client.force_login(ruth)
    assert client.post(PAGE, given(pipeline, ruth)).status_code == 303
    row = Benchmark.objects.get()
    assert (row.metric, row.pipeline, row.stage, row.low, row.high, row.asks) == (
        "win_rate", pipeline, None, Decimal(30), None, ruth
    )  # fmt: skip
    Benchmark.objects.update(outside_since=f.today(), checked_on=f.today())
    client.post(f"{PAGE}{row.pk}/", {"low": "50", "high": "60", "asks": str(ruth.pk)})
    row.refresh_from_db()
    assert (row.low, row.high, row.outside_since, row.checked_on) == (50, 60, None, None)
    page = client.get(PAGE).content.decode()
    assert (
        '<b class="risk-t">33.3%</b>' in page
        and "50% to 60%" in page
        and "1 figure is outside its band" in page
    )
    assert 'href="/dashboard/benchmarks.csv"' in page
    sheet = client.get("/dashboard/benchmarks.csv").content.decode("utf-8-sig").splitlines()
    assert sheet[1] == f"Win rate,{pipeline.name},50.00,60.00,33.3,outside,{ruth.name}"
    client.post(f"{PAGE}{row.pk}/", {"act": "remove"})
    assert not Benchmark.objects.exists()


def test_a_band_of_a_stage_names_the_stage(client, pipeline, ruth):
    client.force_login(ruth)
    stage = process_of(pipeline).stages[1]
    place = f"{pipeline.pk}-{stage.stage_id}"
    client.post(PAGE, given(pipeline, ruth, metric="time_in_stage", place=place, low="", high="20"))
    assert Benchmark.objects.get().stage_id == stage.stage_id
    assert "New business, Discover" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"metric": "luck"}, "metric"),
        ({"place": "0"}, "place"),
        ({"place": "x-1"}, "place"),
        ({"metric": "conversion"}, "place"),
        ({"low": ""}, "low"),
        ({"low": "much"}, "low"),
        ({"low": "-3"}, "low"),
        ({"high": "20"}, "high"),
        ({"high": "1" * 30}, "high"),
        ({"asks": "0"}, "asks"),
        ({"asks": ""}, "asks"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field_and_kept(client, pipeline, ruth, fields, field):
    client.force_login(ruth)
    before = fingerprint()
    response = client.post(PAGE, given(pipeline, ruth, **fields))
    page = response.content.decode()
    assert response.status_code == 422 and fingerprint() == before and not Benchmark.objects.exists()
    assert f'id="be-{field}' in page and 'aria-invalid="true"' in page
    if fields.get("low"):
        assert f'value="{fields["low"]}"' in page


def test_a_second_band_for_the_same_figure_is_refused(client, pipeline, ruth):
    client.force_login(ruth)
    client.post(PAGE, given(pipeline, ruth))
    response = client.post(PAGE, given(pipeline, ruth, low="60"))
    assert response.status_code == 422 and "already" in response.content.decode()
    assert Benchmark.objects.get().low == 30


def test_a_change_that_does_not_fit_leaves_the_band(client, pipeline, ruth):
    client.force_login(ruth)
    row = band(pipeline, ruth, low=30)
    response = client.post(f"{PAGE}{row.pk}/", {"low": "much", "asks": str(ruth.pk)})
    assert response.status_code == 422 and 'value="much"' in response.content.decode()
    row.refresh_from_db()
    assert row.low == 30
    assert client.post(f"{PAGE}{row.pk}/", {"act": "explode"}).status_code == 404
    assert client.get(f"{PAGE}{row.pk}/").status_code == 405


def test_a_rep_reads_and_sets_nothing(client, pipeline, ruth):
    row, rep = band(pipeline, ruth, low=30), f.make_user()
    client.force_login(rep)
    assert "Set a benchmark" not in client.get(PAGE).content.decode()
    for address in (PAGE, f"{PAGE}{row.pk}/"):
        assert client.post(address, given(pipeline, ruth, act="remove")).status_code == 403
    assert Benchmark.objects.get().low == 30


def test_who_may_be_asked_is_a_manager_one_works_with(client, pipeline, ruth):
    rep, other = f.make_user(), f.make_manager("Karl Ost", team="South")
    client.force_login(ruth)
    for person in (rep, other):
        assert client.post(PAGE, given(pipeline, person)).status_code == 422
    assert not Benchmark.objects.exists()
