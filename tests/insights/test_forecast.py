"""The months ahead, the manager's own figure, and how right earlier forecasts were, against figures counted by hand."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.db.models import Sum
from django.utils import timezone

from deals import answers, moves
from insights import periods
from insights.forecast import chances, judged, nights, outlook, wins
from insights.forecast.history import Record
from insights.lens import Lens
from insights.models import ForecastDay, StageRecord
from insights.panels import accuracy, calibration, enough, six
from insights.panels.calibration import Line
from pipeline import retiring
from pipeline.process import process_of
from pipeline.publishing import publish
from team.models import remembered

from .. import factories as f
from .forecasts import NOON, night, open_deal, seen_by, won

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


# The months ahead


def test_commit_best_case_and_pipeline_follow_from_what_is_proven(boss, pipeline):
    open_deal(pipeline, 100, stage="Close")
    open_deal(pipeline, 400)
    open_deal(pipeline, 30, stage="Discover")
    open_deal(pipeline, 900, stage="Close", proven=False)
    open_deal(pipeline, 50, close=date(2027, 1, 5))
    won(pipeline, 300)
    this, december, january, _february = outlook.months(seen_by(boss))
    assert (this.won, this.commit, this.pipeline, this.proven) == (300, 300, 300, 300)
    assert (december.commit, december.best_case, december.pipeline) == (100, 500, 1430)
    assert (december.proven, december.claimed) == (D(80 + 240 + 12), D(80 + 240 + 12 + 720))
    assert (january.best_case, january.won) == (50, 0)


def test_each_figure_of_a_month_is_the_sum_of_the_deals_behind_it(boss, pipeline):
    for stage in ("Close", "Propose", "Discover"):
        open_deal(pipeline, 100, stage=stage)
    open_deal(pipeline, 900, proven=False)
    won(pipeline, 300)
    lens = seen_by(boss)
    for row in outlook.months(lens):
        for kind in ("commit", "best_case", "pipeline", "won", "proven", "weighted"):
            behind = accuracy.PANEL.behind[kind]
            deals = behind.deals(lens, f"{row.month:%Y-%m}")
            money = deals.aggregate(money=Sum(behind.measure, default=0))["money"]
            assert money == getattr(row, "claimed" if kind == "weighted" else kind), kind
    assert not accuracy.PANEL.behind["won"].deals(lens, "x").exists()


def test_a_weighted_figure_opens_a_list_that_says_what_each_deal_counts_as(client, boss, pipeline):
    open_deal(pipeline, 1000, stage="Close")
    won(pipeline, 300)
    client.force_login(boss)
    page = client.get("/dashboard/deals/", {"of": "accuracy.proven", "arg": "2026-12"}).content.decode()
    assert (
        '1 deal, <b class="num">€800</b> weighted' in page and '€800 <span class="sm mut">80%</span>' in page
    )
    page = client.get("/dashboard/deals/", {"of": "make_it.proven"}).content.decode()
    assert '1 deal, <b class="num">€800</b> weighted' in page


def test_without_history_a_month_brings_what_dates_and_probabilities_say(boss, pipeline):
    open_deal(pipeline, 400)
    open_deal(pipeline, 900, proven=False)
    december = outlook.months(seen_by(boss))[1]
    assert december.calibrated == december.claimed == D(780)


def test_history_weighs_the_more_cases_it_has(boss, pipeline):
    deal = open_deal(pipeline, 1000)
    made = ForecastDay.objects.create(day=NOON.date(), taken_at=NOON)
    # Of 80 deals that reached the stage 20 were won, all of them 20 days later: in December, as of 18 November.
    StageRecord.objects.create(day=made, stage=deal.stage, probability=60, ended=80, won=20, waits={"20": 20})
    december = outlook.months(seen_by(boss))[1]
    assert december.calibrated == D(
        "320.00"
    )  # 1000 * (20 + 20 * 0.6) / 100, the wins and the date say December
    assert outlook.months(seen_by(boss))[0].calibrated == 0


def test_the_chances_of_a_deal_over_all_months_never_exceed_its_rate():
    record = Record(0.6, 80, 20, {5: 10, 20: 6, 60: 4})
    total = sum(record.chance(3, first, last, number == 1) for number, (_m, first, last) in enumerate(
        chances.months_ahead(NOON.date(), 12)))  # fmt: skip
    assert 0 < total <= record.rate + 1e-9


# How right it was


def test_accuracy_is_that_of_the_months_together(boss, pipeline, time_machine):
    for month, forecast, actual in ((7, 400, 300), (8, 100, 150), (9, 200, 200), (10, 300, 270)):
        night(date(2026, month, 1), pipeline, {date(2026, month, 1): (forecast, 50, 0)})
        time_machine.move_to(datetime(2026, month, 20, 12, tzinfo=UTC), tick=False)
        won(pipeline, actual)
    time_machine.move_to(NOON, tick=False)
    data = accuracy.of(seen_by(boss))
    assert [(one.month.month, one.proven, one.claimed, one.actual, one.accuracy) for one in data.months[:4]] == [
        (7, 400, 450, 300, 75), (8, 100, 150, 150, 50), (9, 200, 250, 200, 100), (10, 300, 350, 270, 90)
    ]  # fmt: skip
    assert (data.accuracy, data.count, data.is_low) == (82, 4, True)  # 1 - 180 / 1000


def test_a_month_for_which_nothing_was_forecast_does_not_make_the_others_look_right(
    boss, pipeline, time_machine
):
    for month, forecast, actual in ((9, 0, 150), (10, 300, 270)):
        night(date(2026, month, 1), pipeline, {date(2026, month, 1): (forecast, 0, 0)})
        time_machine.move_to(datetime(2026, month, 20, 12, tzinfo=UTC), tick=False)
        won(pipeline, actual)
    time_machine.move_to(NOON, tick=False)
    assert accuracy.of(seen_by(boss)).accuracy == 40  # 1 - (150 + 30) / 300
    assert judged.accuracy([(D(0), D(150))]) is None  # of nothing there is no share


def test_a_page_writes_months_and_days_as_people_do_and_a_sheet_as_one_sorts_them(client, boss, pipeline):
    night(date(2026, 10, 1), pipeline, {date(2026, 10, 1): (400, 50, 0)})
    client.force_login(boss)
    page = client.get("/dashboard/").content.decode()
    assert ">Oct 2026<" in page and ">1 Oct<" in page
    assert not re.search(r">\s*20\d\d-\d\d", page), "no cell says 2026-10-01"
    assert "2026-10,2026-10-01,400" in client.get("/dashboard/accuracy.csv").content.decode()


def test_the_headline_figure_is_that_of_the_months_that_ended_in_the_period(boss, pipeline, time_machine):
    for month, forecast, actual in ((9, 200, 100), (10, 300, 270)):
        night(date(2026, month, 1), pipeline, {date(2026, month, 1): (forecast, 50, 0)})
        time_machine.move_to(datetime(2026, month, 20, 12, tzinfo=UTC), tick=False)
        won(pipeline, actual)
    time_machine.move_to(NOON, tick=False)
    september, october = date(2026, 9, 1), date(2026, 10, 1)
    assert judged.of_period(seen_by(boss)) == (74, [september, october])  # 1 - 130 / 500
    assert judged.of_period(seen_by(boss, period="last_month")) == (90, [october])
    assert judged.of_period(seen_by(boss, period="month")) == (None, [])
    figure = six.Six(seen_by(boss)).shown[-1]
    assert (figure.value, figure.basis) == ("74.0%", "Sep to Oct, 2 months")
    assert six.Six(seen_by(boss, period="last_month")).shown[-1].basis == "Oct"


def test_what_was_won_by_then_is_part_of_what_was_forecast(boss, pipeline):
    night(date(2026, 10, 3), pipeline, {date(2026, 10, 1): (100, 0, 40)}, caught_up=True)
    [october] = [one for one in accuracy.of(seen_by(boss)).months if one.month.month == 10]
    assert (october.proven, october.caught_up, october.accuracy) == (140, True, 0)


def test_a_month_whose_first_night_came_too_late_was_not_forecast(boss, pipeline):
    night(date(2026, 10, 9), pipeline, {date(2026, 10, 1): (100, 0, 0)})
    assert [one.month.month for one in accuracy.of(seen_by(boss)).months] == [12]


def test_an_error_is_told_by_how_far_ahead_it_was_made(boss, pipeline, time_machine):
    october = date(2026, 10, 1)
    for month, said in ((7, 10), (8, 60), (9, 160), (10, 110)):
        night(date(2026, month, 1), pipeline, {october: (said, 0, 0)})
    time_machine.move_to(datetime(2026, 10, 20, 12, tzinfo=UTC), tick=False)
    won(pipeline, 100)
    time_machine.move_to(NOON, tick=False)
    leads = judged.by_month(seen_by(boss), [october], judged.LEADS)
    assert {lead: judged.errors(found, "proven") for lead, found in leads.items()} == {
        0: (10, 10, 10), 1: (60, 60, 60), 2: (40, 40, -40), 3: (90, 90, -90)
    }  # fmt: skip


def test_a_team_sees_the_nights_of_its_own(boss, pipeline):
    mine, other = f.make_manager(team="North"), f.make_user("Tom Averell", team="South")
    night(date(2026, 10, 1), pipeline, {date(2026, 10, 1): (100, 0, 0)}, owner=other)
    assert [one.proven for one in accuracy.of(seen_by(mine)).months][0] == 0
    assert [one.proven for one in accuracy.of(seen_by(boss, team=str(other.teams.get().pk))).months][0] == 100


def test_what_nights_do_not_know_is_not_shown_as_nothing(boss, pipeline):
    assert not accuracy.of(seen_by(boss, source="Fair")).can


# What was won


def test_a_month_is_counted_once_for_a_page_whatever_days_it_looks_at(
    boss, pipeline, django_assert_num_queries
):
    mine = won(pipeline, 300)
    lens, other = seen_by(boss), f.make_user().pk
    this = periods.first_of("month", lens.today)
    months = periods.months(judged.months_on(this, -3), 4)
    assert lens.is_whole
    with remembered(), django_assert_num_queries(2):  # one for the organisation
        assert sum(wins.by_month(lens, months[2:]).values()) == 300
    with django_assert_num_queries(0):
        assert wins.by_seller(lens.before(), months[2:]) == {(mine.team_id, mine.owner_id): 300}
    with remembered(), django_assert_num_queries(2):
        assert list(wins.by_month(lens.over(lens.today, lens.today), months)) == months
    with remembered(), django_assert_num_queries(2):  # other deals, counted by themselves
        assert sum(wins.by_month(lens.of(owner=other), months).values()) == 0


def test_what_was_won_by_whom_follows_the_filters(boss, pipeline):
    mine, other = f.make_user(), f.make_user("Tom Averell", team="South")
    won(pipeline, 300, owner=mine)
    won(pipeline, 50, owner=other)
    assert outlook.months(seen_by(boss))[0].won == 350
    assert outlook.months(seen_by(boss, owner=str(other.pk)))[0].won == 50
    assert outlook.months(seen_by(f.make_manager(team="North")))[0].won == 300


# Calibration, and whether enough comes in


@pytest.mark.parametrize(
    ("ended", "won_of_them", "off"), [(118, 44, False), (118, 42, True), (9, 0, False), (40, 33, True)]
)
def test_a_stage_is_called_out_beyond_chance_alone(ended, won_of_them, off):
    """45% set. One standard error is 4.6 points at 118 deals: the line is crossed below 36.02% (42.5 deals)."""
    assert Line("Sale", "Present", 45, ended, won_of_them).off is off


def test_calibration_shows_what_is_set_beside_what_happened(boss, pipeline, time_machine):
    won(pipeline, 300)
    lost = f.make_deal(pipeline, stage="Discover")
    moves.archive(lost.pk, seen_seq=lost.seq, by=boss)
    live = calibration.of(seen_by(boss, team=str(lost.team_id)))
    expected = [("Qualify", 20, 50), ("Discover", 40, 50), ("Propose", 60, 100), ("Close", 80, 100)]
    assert [(line.stage, line.set, line.real) for line in live.lines] == expected
    time_machine.move_to(NOON + timedelta(days=1), tick=False)
    nights.write(timezone.now())
    assert [(line.stage, line.set, line.real) for line in calibration.of(seen_by(boss)).lines] == expected


def test_newly_qualified_money_is_counted_once_in_its_week(boss, pipeline, time_machine):
    def go(deal, verb, stage, **words):
        verb(deal.pk, to=f.stage_of(pipeline, stage).pk, seen_seq=f.fresh(deal).seq, by=boss, **words)

    def on(month, day):
        time_machine.move_to(datetime(2026, month, day, 12, tzinfo=UTC), tick=False)

    on(11, 3)
    early = f.make_deal(pipeline, amount=D(100))
    go(early, moves.advance, "Discover")
    on(11, 11)
    go(early, moves.back, "Qualify", reason="Too early")
    go(early, moves.advance, "Propose")  # qualified last week already
    skipped = f.make_deal(pipeline, amount=D(40))
    go(skipped, moves.advance, "Propose")
    undone = f.make_deal(pipeline, amount=D(7))
    go(undone, moves.advance, "Discover")
    moves.undo(undone.pk, seen_seq=f.fresh(undone).seq, by=boss)
    on(11, 17)
    go(undone, moves.advance, "Discover")  # this week, which is not whole yet
    on(11, 18)
    data = enough.of(seen_by(boss))
    assert {day: money for day, money in data.weeks if money} == {
        date(2026, 11, 2): 100,
        date(2026, 11, 9): 40,
    }
    behind = enough.PANEL.behind["qualified"].deals
    assert behind(seen_by(boss), "1").get() == skipped and behind(seen_by(boss), "").count() == 2


@pytest.mark.parametrize("published", [False, True])
def test_what_qualified_stays_as_it_is_when_a_stage_is_taken_out(boss, pipeline, time_machine, published):
    """In the draft it has no place any more, while the process in force still has it."""
    time_machine.move_to(datetime(2026, 11, 11, 12, tzinfo=UTC), tick=False)
    deal = f.make_deal(pipeline, amount=D(100))
    moves.advance(deal.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=deal.seq, by=boss)
    time_machine.move_to(NOON, tick=False)
    retiring.retire(f.stage_of(pipeline, "Discover"), f.stage_of(pipeline, "Propose"))
    if published:
        stage = f.stage_of(pipeline, "Propose")
        stage.qualifies = True
        stage.save()
        publish(pipeline, by=boss, note="One stage fewer")
    assert [money for _day, money in enough.of(seen_by(boss)).weeks if money] == [100]
    assert enough.PANEL.behind["qualified"].deals(seen_by(boss), "").count() == 1


def test_a_signature_dated_before_the_last_gate_leaves_what_qualified_as_it_is(boss):
    sold = f.make_pipeline("Sold", owner=boss)
    deal = f.make_deal(sold, stage="Close", amount=D(100))
    item = f.good_answer(deal, process_of(sold).by_criterion[f.criterion_of(sold, "signed").pk])
    item.date = (f.today() - timedelta(days=8)).isoformat()
    answers.save(deal.pk, [item], by=boss)
    f.next_step(f.fresh(deal))
    moves.win(deal.pk, seen_seq=f.fresh(deal).seq, by=boss)
    later = timezone.now() + timedelta(days=7)
    weeks = enough.of(Lens.from_query(boss, {}, later)).weeks
    assert sum(money for _day, money in weeks) == 100


def test_what_the_target_needs_a_week_follows_from_the_win_rate(boss, pipeline):
    from insights.models import Target

    Target.objects.create(month=date(2026, 11, 1), amount=9200)
    made = ForecastDay.objects.create(day=NOON.date(), taken_at=NOON)
    stage = f.stage_of(pipeline, "Discover")
    StageRecord.objects.create(day=made, stage=stage, probability=40, ended=40, won=10, waits={})
    data = enough.of(seen_by(boss))
    assert round(data.needed, 2) == D("2800.00")  # 9200 in 92 days is 700 a week; every fourth is won
    assert data.is_short and data.words == "€0 last week; the target at a win rate of 25.0% needs €2.8k."
