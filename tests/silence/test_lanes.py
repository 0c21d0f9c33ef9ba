"""A sweep of more than one chunk goes on in two lanes on PostgreSQL: everything once, and nothing half."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automations.lanes import Lanes
from automations.sweep import CHUNK, sweep
from deals.models import Deal, Firing, Status, Task

from .. import clockwork as c
from .. import factories as f
from ..trust.test_concurrency import chain_is_whole

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine("postgresql")]


@pytest.fixture
def opened():
    """Names of the threads that opened a connection meanwhile."""
    found = []

    def note(**_details):
        found.append(threading.current_thread().name)

    connection_created.connect(note)
    yield found
    connection_created.disconnect(note)


def unanswered(number, now):
    pipeline, owner = f.make_pipeline(), f.make_user()
    for _number in range(number):
        deal = c.quiet_deal(pipeline, at=now - timedelta(days=9), owner=owner)
        c.proposal(deal, at=now - timedelta(days=9))


def test_two_lanes_do_each_thing_once(opened):
    now = timezone.now()
    unanswered(12, now)
    done = sweep(now, chunk=2)
    assert done.tasks == Task.objects.count() == Firing.objects.count() == 12
    assert "sweep" in opened


def test_two_lanes_move_deals_as_one_does(opened):
    deals, now = c.last_day(6)
    done = sweep(now, chunk=2)
    assert done.archived == Deal.objects.filter(status=Status.ARCHIVED).count() == len(deals)
    assert "sweep" in opened and chain_is_whole()


def test_what_fits_into_one_chunk_opens_no_second_connection(opened):
    now = timezone.now()
    unanswered(2, now)
    assert sweep(now).tasks == 2 and "sweep" not in opened


def test_inside_a_transaction_everything_is_part_of_it(opened):
    now = timezone.now()
    unanswered(3, now)
    with transaction.atomic():
        assert sweep(now, chunk=1).tasks == 3
        transaction.set_rollback(True)
    assert "sweep" not in opened and not Firing.objects.exists()


def test_a_chunk_of_tasks_takes_two_statements_whatever_its_size():
    now = timezone.now()
    unanswered(8, now)
    counts = []
    with transaction.atomic():
        for chunk in (2, 4):
            with CaptureQueriesContext(connection) as captured:
                sweep(now, chunk=chunk)
            written = [q["sql"] for q in captured if "deals_" in q["sql"]]
            counts.append(len(written))
            Task.objects.all().delete()
            Firing.objects.all().delete()
            Deal.objects.update(next_due_at=now)
    assert counts == [2 * 4 + 1, 2 * 2 + 1]
    assert CHUNK >= 2 * 1000  # so a sweep stays below one statement for a thousand deals, and two


def test_what_goes_wrong_in_the_second_lane_is_told():
    def work(_is_over):
        raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"), Lanes(work) as lanes:
        lanes.widen()


def test_the_second_lane_ends_with_the_first():
    begun, ended = threading.Event(), threading.Event()

    def work(is_over):
        begun.set()
        while not is_over():
            ended.wait(0.01)
        ended.set()

    with pytest.raises(KeyboardInterrupt), Lanes(work) as lanes:
        lanes.widen()
        begun.wait(20)
        raise KeyboardInterrupt
    assert ended.wait(20)
