"""The panels of the flow: what they say in words, and that the deals behind a number are as many as it says."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from insights import registry
from insights.lens import BANDS
from insights.metrics import cohorts, six
from insights.panels import leak, losses, sources, stage_wins, time_in_stage, waits, winloss
from insights.panels import six as six_panel
from team.models import remembered

from .. import factories as f
from .lives import spring, tell

pytestmark = pytest.mark.django_db
FLOW = [
    leak.PANEL, six_panel.PANEL, time_in_stage.PANEL, stage_wins.PANEL, losses.PANEL, waits.PANEL, sources.PANEL,
    winloss.PANEL,
]  # fmt: skip


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker):
    """The lives told twice, for two sellers, once for all tests here."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        boss = f.make_admin()
        pipeline = f.make_pipeline(stages=f.OPEN_GATES)
        told = tell(pipeline, f.make_user(), lead_source="Fair", deal_type="New")
        tell(pipeline, f.make_user("Tom Averell", team="South"), lead_source="Web", deal_type="")
    yield boss, told
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


@pytest.fixture
def boss(company):
    return company[0]


@pytest.fixture
def stage(company):
    return lambda name: str(f.stage_of(company[1]["straight"].pipeline, name).pk)


def test_the_worst_step_is_called_out(boss):
    """Twice the lives: Propose 4 of 10 decided, 40%; Discover 10 of 12; Qualify 16 of 20; Close 6 of 6."""
    data = leak.of(spring(boss))
    assert [(row.step.name, row.share) for row in data.rows] == [
        ("Qualify", 80), ("Discover", 83), ("Propose", 40), ("Close", 100),
    ]  # fmt: skip
    assert data.worst.step.name == "Propose"
    assert (data.back, data.excepted) == (6, 0)


def test_a_step_that_all_moved_on_from_is_not_called_a_leak(boss):
    def row(moved, ended):
        step = leak.of(spring(boss)).rows[0].step
        return leak.Row(step, cohorts.Cohort(reached=moved + ended, moved=moved, ended=ended), 0, 0)

    assert leak.worst_of([row(9, 0), row(7, 0)]) is None
    assert leak.worst_of([row(9, 0), row(8, 1)]).share == 89
    shown = leak.Leak([(None, [row(9, 0), row(1, 3)])], None, None, 0, 0)
    page = render_to_string("insights/panels/leak.html", {"data": shown, "lens": spring(boss)})
    assert "Every deal that was decided moved on." in page and "Too few deals" not in page
    few = leak.Leak([(None, [row(1, 3)])], None, None, 0, 0)
    assert "Too few deals" in render_to_string(
        "insights/panels/leak.html", {"data": few, "lens": spring(boss)}
    )


def test_the_sizes_of_lost_deals_are_told_in_words(boss):
    rows = losses.table(losses.of(spring(boss))).rows
    sizes = {part for _reason, by, part, *_rest in rows if by == "Size"}
    assert sizes and sizes <= {str(label) for _key, label, *_rest in BANDS}


def test_each_part_of_a_cohort_opens_its_deals(boss, stage):
    data, behind = leak.of(spring(boss)), leak.PANEL.behind
    for row in data.rows:
        counts = {name: behind[name].deals(spring(boss), str(row.step.id)).count() for name in behind}
        cohort = row.cohort
        assert counts["reached"] == cohort.reached
        assert (counts["moved"], counts["stopped"]) == (cohort.moved, cohort.ended + cohort.under_way)


def test_the_six_figures_with_their_band_and_the_period_before(boss):
    """Leads 24, 20 qualified: 83%, far above the band. Win rate 6 of 14. Nothing happened in the period before."""
    shown = {figure.key: figure for figure in six.figures(spring(boss))}
    assert list(shown) == list(six.UNITS)
    assert shown["lead_to_opportunity"].of == (20, 24)
    assert shown["lead_to_opportunity"].outside
    assert shown["win_rate"].value == pytest.approx(600 / 14)
    assert shown["win_rate"].outside
    assert (shown["cycle"].value, shown["deal_value"].value) == (24, 2000)
    assert shown["stage_conversion"].of == (16 + 10 + 4 + 6, 20 + 12 + 10 + 6)
    assert shown["forecast_accuracy"].value is None
    assert not shown["forecast_accuracy"].outside


def test_each_of_the_six_opens_the_deals_it_is_of_and_those_it_is_counted_from(boss):
    lens, behind = spring(boss), six_panel.PANEL.behind
    counted = {
        key: [one and behind[one[0]].deals(lens, one[1]).count() for one in parts]
        for key, parts in six_panel.BEHIND.items()
    }
    assert counted == {
        "lead_to_opportunity": [20, 24],
        "win_rate": [6, 14],
        "cycle": [6, None],
        "deal_value": [6, 6],
        "stage_conversion": [18, 24],  # of 36 steps on and 48 decided: a deal takes several
    }


def test_the_change_is_against_as_many_days_before(boss):
    """Days 13 to 24 against 1 to 12: 16 and 24 days of cycle, none won before."""
    lens = spring(boss, start=13, end=24)
    shown = {figure.key: figure for figure in six.figures(lens)}
    assert shown["cycle"].value == 20
    assert shown["cycle"].change is None
    again = {figure.key: figure for figure in six.figures(spring(boss, start=25, end=36))}
    assert again["cycle"].change == 30 - 20


@pytest.mark.parametrize(
    ("unit", "now", "before", "words"),
    [
        ("days", 62.5, 62.8, "no change"),
        ("percent", 20.01, 20, "no change"),
        ("days", 62, 60, "+2 days"),
        ("percent", 20, 20.1, "−0.1 points"),
    ],
)
def test_a_change_too_small_to_be_written_is_none(unit, now, before, words):
    assert six_panel.Shown(six.Figure("cycle", now, before, unit), "EUR").change == words


def test_velocity_is_its_formula(boss):
    """20 qualified x 2000 x 6/14 / (70/3) days."""
    assert six.velocity(spring(boss)) == pytest.approx(20 * 2000 * (6 / 14) / (70 / 3))
    assert six.velocity(spring(boss, start=-400, end=-300)) is None


def test_a_stage_over_its_target_is_named(boss, company):
    data = time_in_stage.of(spring(boss))
    assert data.slowest is None, "the target is ten days, Propose takes ten"
    found = {row.step.name: row.median for row in data.rows}
    assert found == {"Qualify": 4, "Discover": 7, "Propose": None, "Close": None}


def test_time_in_stage_opens_the_deals_that_left_the_stage(boss, stage):
    behind = time_in_stage.PANEL.behind["moved"]
    assert set(behind.deals(spring(boss), stage("Discover")).values_list("name", flat=True)) == {
        "straight", "re-entry", "late", "paused", "older",
    }  # fmt: skip


def test_the_win_rate_by_stage_opens_the_deals_won(boss, stage):
    rows = {row.step.name: row for row in stage_wins.of(spring(boss)).rows}
    assert rows["Discover"].share == 40
    assert (
        stage_wins.PANEL.behind["won"].deals(spring(boss), stage("Discover")).count()
        == rows["Discover"].cohort.won
    )


def test_why_we_lose_by_reason_with_what_fell_silent_beside_it(boss):
    data = losses.of(spring(boss))
    assert [(each.reason, each.count) for each in data.losses] == [("No decision", 4), ("Price", 2)]
    assert data.silent == 2
    assert data.first == ("No decision", 67)
    behind = losses.PANEL.behind
    for each in data.losses:
        assert behind["lost"].deals(spring(boss), str(each.key)).count() == each.count
    assert behind["lost"].deals(spring(boss), "").count() == data.count == data.ended.lost
    assert behind["silent"].deals(spring(boss), "").count() == data.silent


def test_the_two_win_rates_are_explained_with_their_numbers(boss):
    data = losses.of(spring(boss))
    assert (data.qualified.won, data.qualified.closed, data.ended.won, data.decided) == (6, 14, 6, 12)
    assert data.qualified.archived == 2


def test_sources_open_the_deals_begun(boss):
    data = sources.of(spring(boss))
    assert [(each.name, each.leads, each.qualified, each.won) for each in data] == [
        ("Fair", 12, 10, 3),
        ("Web", 12, 10, 3),
    ]
    assert sources.PANEL.behind["begun"].deals(spring(boss), "Web").count() == 12


def test_every_turn_of_the_pivot_adds_up_and_opens_its_deals(boss):
    data, behind = winloss.of(spring(boss)), winloss.PANEL.behind["ended"]
    for turn in data.turns:
        assert sum(part.ended.all for part in turn.parts) == data.whole.all == 18
        for part in turn.parts:
            assert behind.deals(spring(boss), f"{turn.by}::{part.key}").count() == part.ended.all
            assert behind.deals(spring(boss), f"{turn.by}:won:{part.key}").count() == part.ended.won


def test_a_turn_with_many_parts_shows_the_first_and_the_others_together(boss, monkeypatch):
    data = winloss.of(spring(boss))
    turn = max(data.turns, key=lambda each: len(each.parts))
    assert len(turn.parts) == 3
    assert [line.name for line in turn.lines] == [*(part.name for part in turn.parts), "All"]
    monkeypatch.setattr(winloss, "MOST", 2)
    first, others, whole = turn.lines
    assert (first, others.name, others.arg) == (turn.parts[0], "2 others", None)
    opened = winloss.PANEL.behind["ended"].deals
    assert opened(spring(boss), first.arg).count() == first.ended.all
    assert opened(spring(boss), whole.arg).count() == whole.ended.all
    assert first.ended + others.ended == whole.ended == data.whole
    assert len(winloss.table(data).rows) == sum(len(each.parts) for each in data.turns) + 1


def test_a_panel_that_is_a_table_is_not_told_twice(boss):
    client = Client()
    client.force_login(boss)
    page = client.get("/dashboard/?period=own&from=2026-03-02&to=2026-05-31").content.decode()
    own = page[page.index('id="p-winloss"') :]
    assert 'aria-label="Win and loss, a table"' not in own
    assert "Money lost" in own and "/dashboard/winloss.csv?" in own


def test_a_close_rate_is_told_where_five_deals_at_least_were_decided(boss):
    parts = [part for turn in winloss.of(spring(boss)).turns for part in turn.parts]
    decided = [part.ended.won + part.ended.lost for part in parts]
    assert min(decided) < 5 <= max(decided)
    assert [part.share is None for part in parts] == [number < 5 for number in decided]


def test_an_argument_nobody_could_mean_opens_nothing(boss):
    for panel in [*registry.PANELS, *registry.ELSEWHERE]:
        for behind in panel.behind.values():
            for arg in ("%00'x:y", "²", "٣", "9" * 18, "9" * 300):
                behind.deals(spring(boss), arg).count()


@pytest.mark.parametrize("panel", FLOW, ids=lambda panel: panel.key)
def test_each_panel_has_a_table_whose_rows_fit_its_head(boss, panel):
    found = panel.table(panel.of(spring(boss)))
    assert found.rows
    assert all(len(row) == len(found.head) for row in found.rows)


@pytest.mark.parametrize("panel", FLOW, ids=lambda panel: panel.key)
def test_each_panel_of_an_empty_period_is_a_table_too(boss, panel):
    panel.table(panel.of(spring(boss, start=-4000, end=-3900)))


def test_the_page_shows_them_filled_and_empty(boss):
    client = Client()
    client.force_login(boss)
    page = client.get("/dashboard/?period=own&from=2026-03-02&to=2026-05-31").content.decode()
    assert "Propose leaks most:" in page
    assert "40% move on." in page
    assert "“No decision” is 67% of the losses." in page
    empty = client.get("/dashboard/?period=own&from=2016-03-02&to=2016-05-31").content.decode()
    assert "No deal reached a stage in this period." in empty
    assert "No deal was lost in this period." in empty


def statements(boss):
    lens = spring(boss)
    with remembered(), CaptureQueriesContext(connection) as found:
        for panel in FLOW:
            panel.of(lens)
    return len(found)


def test_the_panels_take_as_many_statements_however_many_deals_and_pipelines_there_are(boss):
    for panel in registry.PANELS:  # what is read once in a process's life
        panel.of(spring(boss))
    few = statements(boss)
    assert few == 25
    tell(f.make_pipeline(stages=f.OPEN_GATES), f.make_user("Ines Duarvo"))
    leak.of(spring(boss))
    assert statements(boss) == few


def test_money_of_the_pivot_is_what_was_won(boss):
    assert winloss.of(spring(boss)).whole.money == Decimal(12000)
