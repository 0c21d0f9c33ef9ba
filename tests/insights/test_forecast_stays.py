"""How long deals had stayed in a stage when they ended, and what that says of one that stands there: by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from itertools import pairwise

import pytest

from deals import moves
from deals.models import Deal, Status
from insights.forecast import chances, history, nights
from insights.forecast.history import Record
from insights.models import ForecastDay, StageRecord
from pipeline.process import process_of
from team.models import Organisation

from .. import factories as f
from .forecasts import imported, open_deal
from .lives import at, tell
from .worlds import ago
from .worlds import at as so_long_ago

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


def told(assumed=0.6):
    """100 that ended: 40 won within a week of coming, 20 days later; 20 won in the second, 30 days later; 40 lost, ten
    at once, ten after two weeks, twenty after a month."""
    stays = {0: [50, {20: 40}], 7: [20, {30: 20}], 14: [10, {}], 30: [20, {}]}
    return Record(assumed, 100, 60, {20: 40, 30: 20}, stays)


# What the ledger says


@pytest.mark.django_db
def test_a_deal_stayed_from_coming_there_until_it_first_went_on_or_ended(time_machine):
    """The lives of lives.py, one by one. Landed won came in as ended: nobody knows how long it stayed anywhere."""
    time_machine.move_to(at(0), tick=False)
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    time_machine.move_to(at(120), tick=False)
    tell(pipeline, f.make_user())
    found = history.count(at(-30), at(60))
    assert {stage.name: found[stage.pk].stays for stage in pipeline.stages.all()} == {
        # straight 4, jump 6, re-entry 4, fell back 6, disqualified 4, late 2; slip 14: what was undone is not going on
        "Qualify": {0: [6, {24: 1, 16: 1}], 14: [1, {}]},
        # straight 6, jump 0 (passed), re-entry 4 (the first time); late 8; fell back 32, until it ended
        "Discover": {0: [3, {20: 1, 10: 1}], 7: [1, {}], 30: [1, {}]},
        # late 6; straight 10, jump 10; re-entry 21, going back is not going on; landed 30
        "Propose": {0: [1, {}], 7: [2, {14: 1, 10: 1}], 14: [1, {}], 30: [1, {}]},
        "Close": {0: [2, {4: 1, 0: 1}]},
    }
    close = found[f.stage_of(pipeline, "Close").pk]
    assert (close.ended, close.won, close.waits) == (3, 3, {4: 1, 0: 1})


@pytest.mark.django_db
def test_a_deal_stayed_as_long_as_its_last_end_where_it_was_reopened(time_machine):
    time_machine.move_to(at(0), tick=False)
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    again = {"again": (0, 100, "to Discover 5", "lost 10 Price", "reopened 20", "won 50")}
    tell(pipeline, f.make_user(), again, {})
    found = history.count(at(-30), at(60))
    assert found[f.stage_of(pipeline, "Discover").pk].stays == {45: [1, {45: 1}]}


def test_long_waits_are_kept_by_the_week_and_each_stay_in_its_bracket():
    record = Record()
    for wait, stay in ((90, 6), (91, 7), (97, 29), (98, 500), (400, 0)):
        record.add(True, wait, stay)
    assert record.waits == {90: 1, 94: 2, 101: 1, 402: 1}
    assert record.stays == {0: [2, {90: 1, 402: 1}], 7: [1, {94: 1}], 14: [1, {94: 1}], 180: [1, {101: 1}]}


# What that says of a deal


def test_a_deal_that_arrives_has_the_chance_of_all_that_did():
    assert told().rate_after(0) == told().rate == 72 / 120
    assert told().share(0, 13, 43, False) == pytest.approx(60 / 65)
    assert told().share(0, 13, 25, True) == pytest.approx(45 / 65)
    assert told().share(0, 20, 20, False) == pytest.approx(40 / 65)
    assert told().share(0, 21, 29, False) == 0


def test_a_deal_that_stands_longer_than_winners_did_has_the_chance_of_those_that_stayed_as_long():
    # Of the 30 that stayed for two weeks none was won, of all 60 in 100: drawn to 12 in 50, two fifths of all.
    assert told().rate_after(14) == pytest.approx(0.24)
    # Those that stayed still longer are fewer (20, none); that is no reason to hope again.
    assert told().rate_after(30) == told().rate_after(1000) == pytest.approx(0.24)
    # The same two fifths of what the stage brings where that is drawn toward 90%.
    assert told(assumed=0.9).rate_after(30) == pytest.approx(78 / 120 * 0.4)


def test_ten_cases_are_ten_in_whichever_bracket_one_asks():
    record = Record(0.54, 100, 54, {5: 54}, {0: [90, {5: 54}], 180: [10, {}]})
    # 20 * 0.54 in 30, not drawn down once more by each bracket they reached.
    assert record.rate_after(7) == record.rate_after(180) == pytest.approx(0.36)


def test_late_wins_bring_a_rate_back_by_as_many_as_they_are():
    record = Record(0.53, 100, 53, {9: 50, 70: 3}, {0: [60, {9: 50}], 30: [37, {}], 45: [3, {70: 3}]})
    early = (3 + 20 * 0.53) / 60
    assert record.rate_after(30) == pytest.approx(early)
    assert record.rate_after(45) == pytest.approx((3 + 20 * early) / 23)


def test_what_is_added_counts_also_after_a_chance_was_asked_for():
    record = told()
    assert record.rate_after(14) == pytest.approx(0.24)
    record.add(True, 40, 30, number=50)
    # 50 of 80 drawn toward 110 of 150.
    assert record.rate_after(14) == pytest.approx(122 / 170 * (50 + 20 * 110 / 150) / 100 / (110 / 150))


def test_between_two_brackets_a_deal_is_as_far_as_its_days_are():
    # 10 days: four sevenths of what a week says (32 in 70) and three of what two weeks say.
    assert told().rate_after(10) == pytest.approx((4 * 32 / 70 + 3 * 0.24) / 7)
    # Of 80/7 wins that stayed so long all take 25 to 35 days; of the 340/7 others 60/7 do, which with the date is 16%.
    assert told().share(10, 15, 25, False) == pytest.approx((80 / 7 + 5 * 0.16) / (80 / 7 + 5))


def test_where_those_that_stay_win_more_a_deal_gains():
    record = Record(0.5, 40, 20, {40: 20}, {0: [20, {}], 30: [20, {40: 20}]})
    # 20 of 20 drawn toward half is three quarters: half of the way from half to all.
    assert record.rate_after(30) == pytest.approx(0.75)


def test_no_day_makes_a_jump():
    rates = [told().rate_after(day) for day in range(200)]
    falls = [one - other for one, other in pairwise(rates)]
    assert min(falls) > -1e-9 and max(falls) == pytest.approx((32 / 70 - 0.24) / 7)


@pytest.mark.parametrize("record", [
    Record(0.9, 3, 0, {}, {0: [3, {}]}), Record(0.1, 3, 3, {5: 3}, {0: [3, {5: 3}]}),
    Record(0.9, 50, 1, {9: 1}, {0: [2, {}], 180: [1, {9: 1}]}), told(), Record(0.4),
])  # fmt: skip
def test_a_rate_is_one_and_the_months_together_never_exceed_it(record):
    for age in (0, 3, 7, 29, 100, 1000):
        months = [record.chance(age, first, first + 30, first == 0) for first in range(0, 31 * 40, 31)]
        assert 0 <= sum(months) <= record.rate_after(age) + 1e-9 <= 1 + 1e-9


def test_deals_that_came_in_as_ended_count_as_won_or_lost_and_tell_no_days():
    record = told()
    for _deal in range(300):
        record.add(False, 0, None)
    record.add(True, 0, None)
    assert (record.ended, record.won, record.waits) == (401, 61, told().waits)
    assert record.rate_after(0) == record.rate == 73 / 421
    assert record.rate_after(30) == pytest.approx(73 / 421 * 0.4)  # two fifths, as without them
    assert record.share(10, 15, 25, False) == told().share(10, 15, 25, False)


def test_old_records_have_the_rate_of_all_however_long_a_deal_stands():
    record = Record(0.6, 100, 60, {20: 40, 30: 20})
    assert record.rate_after(0) == record.rate_after(300) == 72 / 120
    assert record.share(10, 15, 25, False) == pytest.approx(20 / 65)
    assert record.share(30, 0, 12, False) == pytest.approx(20 / 25)


# From the night's rows to the money of months


@pytest.fixture
def pipeline(db, time_machine):
    time_machine.move_to(NOON, tick=False)
    return f.make_pipeline(stages=f.OPEN_GATES)


def expected(pipeline, deal, record=None):
    """{month: money} of one deal of 1000 by the newest night, which says that of the stage it stands in."""
    process = process_of(pipeline)
    night = ForecastDay.objects.create(day=NOON.date(), taken_at=NOON)
    nights.save(night, {}, {deal.stage_id: record or told()})
    _night, records = history.newest([process])
    deals = Deal.objects.filter(pk=deal.pk)
    found = chances.spread(deals, records, NOON.date(), Organisation.current())
    return {month: money for (month,), money in found.items()}


def standing(pipeline, days, stage="Propose"):
    return so_long_ago(days, open_deal, pipeline, 1000, stage=stage, close=None)


def go(deal, days, verb, stage, **words):
    to = f.stage_of(deal.pipeline, stage).pk
    so_long_ago(days, verb, deal.pk, to=to, seen_seq=f.fresh(deal).seq, by=None, **words)


TEN_DAYS = {NOVEMBER: D("82.74"), DECEMBER: D("271.00")}


def test_a_deal_that_has_just_arrived(pipeline):
    # 0.6 * 60 / 65: all wins lie 20 and 30 days ahead.
    assert expected(pipeline, standing(pipeline, 0)) == {DECEMBER: D("553.85")}


def test_a_deal_that_stands_for_ten_days(pipeline):
    # Rate 0.364082. November: of the others 40 in 60 - 80/7 + 5; so 5 * 280/375 in 80/7 + 5. December as above.
    assert expected(pipeline, standing(pipeline, 10)) == TEN_DAYS


def test_a_deal_that_stands_for_longer_than_any_winner(pipeline):
    # Rate 0.24. No win stayed so long; of those that took 30 days and more (20) all take no 13 more: 20 / 25.
    assert expected(pipeline, standing(pipeline, 30)) == {NOVEMBER: D("192.00")}


def test_a_deal_that_was_moved_back_stands_there_since_then(pipeline):
    deal = standing(pipeline, 40, stage="Close")
    go(deal, 10, moves.back, "Propose", reason="Not so far yet")
    assert expected(pipeline, f.fresh(deal)) == TEN_DAYS


def test_a_deal_that_came_there_again_stands_there_since_then(pipeline):
    deal = standing(pipeline, 40)
    go(deal, 20, moves.back, "Discover", reason="Not so far yet")
    go(deal, 10, moves.advance, "Propose")
    assert expected(pipeline, f.fresh(deal)) == TEN_DAYS


def test_an_imported_deal_stands_there_since_it_landed(pipeline):
    deal = imported(pipeline, 1000, "Propose", Status.OPEN, ago(200), ago(10), f.make_admin())
    assert expected(pipeline, deal) == TEN_DAYS


def test_a_night_that_was_written_without_stays_says_what_it_said(pipeline):
    deal = standing(pipeline, 30)
    night = ForecastDay.objects.create(day=NOON.date() - timedelta(days=1), taken_at=NOON)
    row = {"probability": 60, "ended": 100, "won": 60, "waits": {"20": 40, "30": 20}}
    StageRecord.objects.create(day=night, stage_id=deal.stage_id, **row)
    _night, records = history.newest([process_of(pipeline)])
    found = chances.spread(Deal.objects.all(), records, NOON.date(), Organisation.current())
    assert found == {(NOVEMBER,): D("480.00")}  # 0.6 of 1000, 20 in 25 of it in November


def test_what_a_night_wrote_down_is_read_as_it_was(pipeline):
    deal = standing(pipeline, 0)
    expected(pipeline, deal)
    _night, records = history.newest([process_of(pipeline)])
    assert records[deal.stage_id] == told()
    assert StageRecord.objects.get().stays["7"] == [20, {"30": 20}]


def test_deals_together_are_what_each_is_alone(pipeline):
    """Two of a day and a stage with other dates, one of another day, one of another stage."""
    close = f.stage_of(pipeline, "Close").pk
    made = [standing(pipeline, 10), standing(pipeline, 20), standing(pipeline, 10, stage="Close")]
    made.append(so_long_ago(10, open_deal, pipeline, 1000, close=DECEMBER))
    records = {made[0].stage_id: told(), close: told(assumed=0.9)}

    def spread(**narrowed):
        found = chances.spread(Deal.objects.filter(**narrowed), records, NOON.date(), Organisation.current())
        return {month: money for (month,), money in found.items()}

    alone = [spread(pk=deal.pk) for deal in made]
    assert len({str(each) for each in alone}) == 4
    for month, money in spread().items():
        assert abs(money - sum(each.get(month, 0) for each in alone)) <= D("0.02"), "but for cents"
