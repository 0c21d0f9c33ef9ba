"""How each live deal stood is on record for every night: one row for each change, whatever else happened."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automations import tick
from deals import moves
from deals.models import Deal, Status
from insights.models import Standing, StandingNight
from insights.standing import standings
from team.calendar import local_date

from .. import factories as f

NOW = timezone.now()
NEXT = NOW + timedelta(days=1)


def rows(deal):
    """[(days after the first night, None or days, status, amount, proven, cause)]"""
    found = Standing.objects.filter(deal=deal).order_by("since")
    return [
        (_after(row.since), _after(row.until), row.status, row.amount, row.proven, row.cause) for row in found
    ]


def _after(day):
    return None if day is None else (day - local_date(NOW)).days


@pytest.fixture
def pipeline(db):
    return f.make_pipeline(stages=f.OPEN_GATES)


def test_a_deal_that_does_not_change_has_one_row(pipeline):
    deal = f.make_deal(pipeline, amount=Decimal("86000.50"), expected_close=None)
    for days in range(3):
        standings.write_down(NOW + timedelta(days=days))
    assert rows(deal) == [(0, None, "open", Decimal("86000.50"), False, "no_step")]
    assert StandingNight.objects.count() == 3


def test_each_change_ends_a_row_and_begins_the_next(pipeline):
    deal = f.make_deal(pipeline, amount=Decimal(100))
    standings.write_down(NOW)
    f.next_step(deal, days=30)
    standings.write_down(NEXT)
    Deal.objects.filter(pk=deal.pk).update(amount_base=Decimal(140))
    standings.write_down(NEXT + timedelta(days=1))
    assert rows(deal) == [
        (0, 1, "open", Decimal(100), False, "no_step"),
        (1, 2, "open", Decimal(100), True, ""),
        (2, None, "open", Decimal(140), True, ""),
    ]


def test_a_new_close_date_a_first_one_and_none_are_changes(pipeline):
    deal, day = f.make_deal(pipeline), f.today()
    for number, close in enumerate([None, day, day + timedelta(days=9), None]):
        Deal.objects.filter(pk=deal.pk).update(expected_close=close)
        standings.write_down(NOW + timedelta(days=number))
    closes = Standing.objects.filter(deal=deal).order_by("since").values_list("expected_close", flat=True)
    assert list(closes) == [None, day, day + timedelta(days=9), None]


def test_a_closed_deal_ends_its_row_and_a_reopened_one_begins_another(pipeline):
    deal = f.make_deal(pipeline)
    standings.write_down(NOW)
    moves.archive(deal.pk, seen_seq=deal.seq, by=None, reason="Went silent")
    standings.write_down(NEXT)
    assert [row[:3] for row in rows(deal)] == [(0, 1, "open")]
    deal.refresh_from_db()
    moves.reopen(deal.pk, seen_seq=deal.seq, by=None, reason="They called")
    standings.write_down(NEXT + timedelta(days=3))
    assert [row[:3] for row in rows(deal)] == [(0, 1, "open"), (4, None, "open")]


def test_a_deal_too_early_to_count_and_one_the_buyer_left_say_so(pipeline):
    early, silent = f.make_deal(pipeline), f.make_deal(pipeline)
    Deal.objects.filter(pk=early.pk).update(counts_as_pipeline=False)
    moves.re_engage(silent.pk, seen_seq=silent.seq, by=None)
    standings.write_down(NOW)
    assert rows(early)[0][4:] == (False, standings.EARLY)
    assert rows(silent)[0][2:] == (Status.RE_ENGAGING, Decimal(86000), False, "")


def test_a_missed_night_is_made_good_by_the_next(pipeline):
    deal = f.make_deal(pipeline, amount=Decimal(100))
    standings.write_down(NOW)
    Deal.objects.filter(pk=deal.pk).update(amount_base=Decimal(70))
    standings.write_down(NOW + timedelta(days=4))
    assert [row[:2] + (row[3],) for row in rows(deal)] == [(0, 4, Decimal(100)), (4, None, Decimal(70))]


def test_a_second_tick_of_the_day_writes_nothing_and_asks_for_the_night_alone(
    pipeline, django_assert_num_queries
):
    deal = f.make_deal(pipeline)
    tick.run(NOW)
    f.next_step(deal, days=30)
    with django_assert_num_queries(2):  # the calendar, and whether the night is on record
        assert standings.write_down(NOW) is None
    assert len(rows(deal)) == 1


def test_as_many_statements_for_many_deals_as_for_one(pipeline):
    counts = []
    for number in range(2):
        for _deal in range(1 + 5 * number):
            f.make_deal(pipeline)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            standings.write_down(NOW + timedelta(days=number))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 12
    assert Standing.objects.count() == Deal.objects.count() == 7


def test_the_first_tick_of_a_day_says_how_many_changed(pipeline):
    f.make_deal(pipeline)
    assert "1 standings changed" in tick.run(NOW).duties
    assert not tick.run(NOW).duties
