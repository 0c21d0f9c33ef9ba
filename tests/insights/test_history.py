"""What became of deals that reached a stage, against a few deals told by hand: skipped, moved back, imported, undone,
reopened, by exception."""

from datetime import UTC, datetime, timedelta

import pytest

from deals import moves
from deals.models import Deal
from insights.forecast import history
from insights.forecast.history import Record
from pipeline import ordering, retiring
from pipeline.process import process_of

from .. import factories as f
from .forecasts import imported

pytestmark = pytest.mark.django_db
START = datetime(2026, 6, 1, 9, tzinfo=UTC)


@pytest.fixture
def told(time_machine):
    """(pipeline, days): seven deals that end between day 0 and day 60."""
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    owner, boss = f.make_user(), f.make_admin()

    def on(day):
        time_machine.move_to(START + timedelta(days=day), tick=False)

    def make(day, **fields):
        on(day)
        return f.make_deal(pipeline, owner=owner, **fields)

    def go(deal, day, verb, stage=None, **words):
        on(day)
        to = {"to": f.stage_of(pipeline, stage).pk} if stage else {}
        verb(deal.pk, seen_seq=f.fresh(deal).seq, by=boss, **to, **words)

    reason = f.make_loss_reason()
    plain = make(0)
    for day, stage in ((3, "Discover"), (10, "Propose"), (20, "Close")):
        go(plain, day, moves.advance, stage)
    go(plain, 25, moves.win)
    skipped = make(0)
    go(skipped, 2, moves.advance, "Propose")
    go(skipped, 4, moves.back, "Qualify", reason="Too early")
    go(skipped, 9, moves.lose, loss_reason=reason.pk)
    undone = make(0)
    go(undone, 1, moves.advance, "Discover")
    go(undone, 2, moves.undo)
    go(undone, 30, moves.archive)
    again = make(0)
    go(again, 5, moves.lose, loss_reason=reason.pk)
    go(again, 8, moves.reopen, reason="They called")
    go(again, 40, moves.win)
    back_in_play = make(0)
    go(back_in_play, 6, moves.win)
    go(back_in_play, 7, moves.reopen, reason="Not signed")
    on(50)
    imported(pipeline, 70, "Propose", "lost", START + timedelta(days=1), START + timedelta(days=30), boss)
    make(50)
    on(60)
    return pipeline


def records(pipeline, since=0, until=60, deals=None):
    found = history.count(START + timedelta(days=since), START + timedelta(days=until), deals)
    return {stage.name: found.get(stage.pk, Record()) for stage in pipeline.stages.all()}


def test_each_deal_counts_once_in_each_stage_it_reached_by_how_it_ended_last(told):
    found = records(told)
    assert {name: (record.ended, record.won) for name, record in found.items()} == {
        "Qualify": (
            4,
            2,
        ),  # plain, skipped, undone, again; the reopened one has not ended, the import came in later
        "Discover": (3, 2),  # skipped went past it; what was undone never was there; winning goes past it
        "Propose": (4, 2),  # the imported one came in here
        "Close": (2, 2),
    }


def test_the_days_to_the_win_count_from_the_first_time_there(told):
    found = records(told)
    assert found["Discover"].waits == {22: 1, 0: 1}
    assert found["Qualify"].waits == {25: 1, 40: 1}


def test_how_long_they_stayed_is_not_known_of_one_that_came_in_as_lost(told):
    found = records(told)["Propose"]
    # plain stayed ten days, skipped seven until it was lost, again none, for winning went past it; four had ended
    assert found.stays == {0: [1, {0: 1}], 7: [2, {15: 1}]} and found.ended == 4


def test_a_day_in_the_past_sees_what_had_ended_by_then(told):
    found = records(told, until=7)
    assert {name: (record.ended, record.won) for name, record in found.items()}["Qualify"] == (2, 1)
    assert records(told, until=8.5)["Qualify"].ended == 0


def test_what_is_done_to_the_stages_of_a_draft_changes_nothing(told):
    before = records(told)
    retiring.retire(f.stage_of(told, "Discover"), f.stage_of(told, "Propose"))
    ordering.swap(told.stages.current(), f.stage_of(told, "Propose").pk, "down")
    assert records(told) == before


def test_only_the_deals_asked_for_are_counted(told):
    assert records(told, deals=Deal.objects.filter(status="won"))["Qualify"].ended == 2


def test_few_cases_are_drawn_toward_what_is_assumed_and_many_are_not():
    assert Record(0.5).rate == 0.5
    assert Record(0.5, ended=20, won=0).rate == 0.25
    assert round(Record(0.5, ended=2000, won=200).rate, 2) == 0.1


def test_the_time_a_win_takes_is_that_of_the_wins_that_took_longer_than_the_deal_stands():
    record = Record(0.5, 200, 100, {5: 50, 15: 25, 30: 25})
    assert record.share(10, 0, 9, False) == pytest.approx(
        25 / 55
    )  # 25 of the 50 that took 10 days and more end within 9 days
    assert record.share(10, 0, 9, True) == pytest.approx(30 / 55)  # drawn toward the date the deal names
    assert Record(0.5).chance(0, 0, 30, True) == 0.5 and Record(0.5).chance(0, 0, 30, False) == 0


def test_a_stage_in_which_nothing_ended_has_what_is_assumed(told):
    process = process_of(told)
    found = history.by((START - timedelta(days=5)).date(), [process])
    assert {record.assumed for record in found.values()} == {0.2, 0.4, 0.6, 0.8}
    assert {record.ended for record in found.values()} == {0} and found[process.last.stage_id].real is None
