"""The forecast as it was each night: written once, right, never changed; a missed night is caught up and says so."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from automations import tick
from insights.forecast import nights
from insights.models import ForecastDay, ForecastRow, ManagerCall, StageRecord

from .. import factories as f
from ..trust.test_concurrency import all_at_once
from .forecasts import open_deal, won

MIDNIGHT = datetime(2026, 11, 18, 0, 1, tzinfo=UTC)


@pytest.fixture
def deals(db, time_machine):
    """Of one owner proven 400 at 60%, 100 at 80%, claimed 900 in December, won 300 this month; 50 of another."""
    time_machine.move_to(MIDNIGHT - timedelta(hours=3), tick=False)
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    open_deal(pipeline, 400)
    open_deal(pipeline, 100, stage="Close")
    open_deal(pipeline, 900, proven=False)
    open_deal(pipeline, 70, close=None)
    open_deal(pipeline, 50, owner=f.make_user("Tom Averell", team="South"))
    won(pipeline, 300)
    time_machine.move_to(MIDNIGHT, tick=False)
    return pipeline


def of(rows, **narrowed):
    names = [
        "deals",
        "proven",
        "claimed",
        "proven_weighted",
        "claimed_weighted",
        "commit",
        "best_case",
        "won",
    ]
    found = rows.filter(**narrowed).aggregate(**{f"s_{name}": Sum(name) for name in names})
    return tuple(found[f"s_{name}"] for name in names)


def test_a_night_is_written_as_it_stands_by_pipeline_owner_team_and_month(deals):
    assert nights.write(MIDNIGHT) == "forecast of 1 night written"
    night = ForecastDay.objects.get()
    assert (night.day, night.caught_up) == (date(2026, 11, 18), False)
    december = night.rows.filter(month=date(2026, 12, 1))
    assert of(december, owner__name="Mara Kessel") == (3, 500, 900, 320, 540, 100, 500, 0)
    assert of(december, owner__name="Tom Averell", team__name="South") == (1, 50, 0, 30, 0, 0, 50, 0)
    assert of(night.rows.filter(month=None)) == (1, 70, 0, 42, 0, 0, 70, 0)
    assert of(night.rows.filter(month=date(2026, 11, 1))) == (0, 0, 0, 0, 0, 0, 0, 300)


def test_it_is_the_same_as_plain_sql_says(deals):
    nights.write(MIDNIGHT)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT SUM(amount_base * probability) / 100.0 FROM deals_deal WHERE status = 'open'"
            " AND expected_close BETWEEN '2026-12-01' AND '2026-12-31'"
        )
        plain = D(str(cursor.fetchone()[0]))
    found = ForecastRow.objects.filter(month=date(2026, 12, 1)).aggregate(
        money=Sum("proven_weighted") + Sum("claimed_weighted")
    )
    assert D(found["money"]) == plain == 890


def test_a_night_is_written_once_however_often_the_tick_comes(deals):
    assert any("forecast" in words for words in tick.run(MIDNIGHT).duties)
    rows = list(ForecastRow.objects.values_list().order_by("pk"))
    assert nights.write(MIDNIGHT + timedelta(hours=9)) is None
    assert list(ForecastRow.objects.values_list().order_by("pk")) == rows


def test_missed_nights_are_caught_up_at_the_next_tick_and_marked(deals):
    nights.write(MIDNIGHT)
    later = MIDNIGHT + timedelta(days=3)
    assert nights.write(later) == "forecast of 3 nights written"
    assert list(ForecastDay.objects.order_by("day").values_list("day", "caught_up")) == [
        (date(2026, 11, 18), False), (date(2026, 11, 19), True), (date(2026, 11, 20), True), (date(2026, 11, 21), False)
    ]  # fmt: skip
    assert set(ForecastDay.objects.filter(caught_up=True).values_list("taken_at", flat=True)) == {later}


def test_what_was_won_between_a_missed_night_and_its_writing_is_in_neither_place_missing(deals, time_machine):
    """It is not open any more when the night is caught up, so it counts as won by then."""
    november, december = date(2026, 11, 1), date(2026, 12, 1)
    nights.write(MIDNIGHT)
    time_machine.move_to(MIDNIGHT + timedelta(days=11), tick=False)
    won(deals, 200)
    time_machine.move_to(MIDNIGHT + timedelta(days=15), tick=False)
    won(deals, 90)
    nights.write(MIDNIGHT + timedelta(days=16))
    told = {}
    for day in (date(2026, 11, 28), date(2026, 12, 1), date(2026, 12, 4)):
        rows = ForecastRow.objects.filter(day__day=day)
        told[day.day] = [of(rows, month=month)[-1] for month in (november, december)]
    assert told == {28: [500, 90], 1: [None, 90], 4: [None, 90]}


def test_a_night_that_is_written_in_the_morning_is_marked_as_well(deals):
    nights.write(MIDNIGHT + timedelta(hours=8))
    assert ForecastDay.objects.get().caught_up


def test_after_a_year_a_month_is_caught_up_and_no_more(deals):
    nights.write(MIDNIGHT)
    nights.write(MIDNIGHT + timedelta(days=365))
    assert ForecastDay.objects.count() == 1 + 32


def test_without_a_process_there_is_nothing_to_write_down(db):
    assert nights.write(MIDNIGHT) is None and not ForecastDay.objects.exists()


@pytest.mark.parametrize("model", [ForecastDay, ForecastRow, StageRecord, ManagerCall])
def test_no_row_is_changed_or_deleted_afterwards(deals, model):
    nights.write(MIDNIGHT)
    ManagerCall.objects.create(month=date(2026, 12, 1), amount=5, by=f.make_manager(), at=MIDNIGHT)
    before = list(model.objects.values_list().order_by("pk"))
    table = model._meta.db_table
    for statement in (f"UPDATE {table} SET id = id + 100", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError, match="stays as it was"), transaction.atomic():
            connection.cursor().execute(statement)
    assert before and list(model.objects.values_list().order_by("pk")) == before


def test_it_takes_as_many_statements_for_many_deals_as_for_few(deals, django_assert_num_queries):
    for number in range(4):
        open_deal(deals, 10, owner=f.make_user(f"Rep {number}"))
    with django_assert_num_queries(16):
        nights.write(MIDNIGHT)


@pytest.mark.django_db(transaction=True)
def test_several_processes_at_once_write_a_night_once(time_machine):
    time_machine.move_to(MIDNIGHT, tick=False)
    open_deal(f.make_pipeline(stages=f.OPEN_GATES), 400)
    results = all_at_once([lambda: nights.write(MIDNIGHT)] * 4)
    assert not [result for result in results if isinstance(result, Exception)]
    assert [words for words in results if words] == ["forecast of 1 night written"]
    assert ForecastDay.objects.count() == 1 and ForecastRow.objects.filter(deals=1).count() == 1
