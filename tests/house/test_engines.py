"""Redis, workers and beats that fail. Whatever happens, each thing that is due is done, and once. Rows F1, F2, F4, F5.

Real programs on the database of the test; see engines.py. Where a worker dies is chosen in faulty_worker.py.
"""

import os
import pickle
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from outbox import queue
from outbox.models import Mail

from ..engines import wait_until
from ..faults import all_done, fired, kill_at, overdue, sound

pytestmark = pytest.mark.django_db(transaction=True)


# Where a worker dies -> what each deal has had done by then: a chunk is done as a whole, or not at all.
POINTS = {
    "after claim": [],
    "after insert": [],
    "before commit": [],
    "after commit": ["follow_up"],
    "before ack": ["follow_up", "re_engage"],
}


@pytest.fixture
def worker(engines):
    """As in production: one that keeps several children."""
    return engines.worker("--concurrency", "3", pool="prefork")


@pytest.mark.parametrize(("point", "committed"), POINTS.items())
def test_a_worker_killed_in_the_middle_leaves_nothing_half_done_and_the_next_one_does_the_rest_once(
    engines, point, committed
):
    killed_in_the_middle(engines, point, committed)


def killed_in_the_middle(engines, point, committed):
    deals = overdue()
    kill_at(engines, point)
    assert [fired(deal) for deal in deals] == [committed] * len(deals)
    sound()
    engines.worker()
    engines.tick(2)
    assert all_done(deals)
    sound()


@pytest.mark.parametrize(("point", "times"), [("before mail", 1), ("after mail", 2)])
def test_a_mail_is_sent_again_only_where_a_worker_died_before_it_could_note_it_and_then_as_the_same(
    engines, point, times
):
    killed_at_a_mail(engines, point, times)


def killed_at_a_mail(engines, point, times):
    mail = queue.put(key=point, to="lena@buyer.example", subject="Hello", body="Hello", now=timezone.now())
    kill_at(engines, point)
    engines.worker()
    engines.tick(2)
    assert len([known for known in engines.mails() if known == mail.message_id]) == times - 1, "it is claimed"
    Mail.objects.update(next_attempt_at=timezone.now())  # as if the ten minutes of a claim were over
    engines.tick(2)
    assert len([known for known in engines.mails() if known == mail.message_id]) == times
    assert Mail.objects.get().sent_at


def test_a_child_that_the_system_kills_takes_neither_its_worker_nor_its_work_with_it(engines, worker):
    deals = overdue()
    engines.fate("before commit", "one dies")
    engines.call()
    wait_until(lambda: "signal 9 (SIGKILL)" in engines.log(), engines.log)
    assert worker.poll() is None and not all_done(deals)
    engines.tick(2)
    assert all_done(deals)
    sound()


def test_many_ticks_at_once_in_several_processes_do_each_thing_once(engines, worker):
    deals = overdue(30)
    before = engines.notes("tick-SUCCESS")
    engines.tick(12)
    assert len(engines.notes("tick-SUCCESS") - before) > 1, "more than one process took a tick"
    assert all_done(deals)
    sound()


def test_two_beats_do_no_harm(engines, worker):
    deals = overdue()
    before = engines.noted("tick-SUCCESS")
    beats = [engines.start_beat(1), engines.start_beat(2)]
    wait_until(lambda: engines.noted("tick-SUCCESS") >= before + 6, engines.log)
    for beat in beats:
        engines.kill(beat)
    assert all_done(deals)
    sound()


def test_calls_that_nobody_took_in_time_are_dropped_so_that_none_pile_up(engines):
    engines.kill_worker()
    beat = engines.start_beat(4)
    wait_until(lambda: engines.queued(), engines.log)
    engines.kill(beat)
    call = engines.queued()[0]["headers"]
    assert call["task"] == "automations.tasks.tick"
    assert timedelta(0) < datetime.fromisoformat(call["expires"]) - timezone.now() < timedelta(seconds=60)
    with engines.redis() as redis:
        redis.flushall()
    engines.call(20, expires=timezone.now() - timedelta(seconds=1))
    before = engines.noted("tick-SUCCESS")
    engines.worker()
    engines.tick()
    assert engines.noted("tick-SUCCESS") == before + 1 and not engines.queued()


def test_redis_loses_everything_and_the_same_worker_and_beat_go_on(engines, worker):
    beat = engines.start_beat(3)
    before = engines.noted("tick-SUCCESS")
    wait_until(lambda: engines.noted("tick-SUCCESS") > before, engines.log)
    engines.kill_redis()
    deals = overdue(30)
    engines.start_redis()
    before = engines.noted("tick-SUCCESS")
    wait_until(lambda: engines.noted("tick-SUCCESS") >= before + 2, engines.log)
    wait_until(lambda: all_done(deals), engines.log)
    assert worker.poll() is None and beat.poll() is None
    engines.kill(beat)
    sound()


def test_redis_goes_while_a_worker_is_at_work_which_ends_it_and_goes_on(engines, worker):
    deals = overdue()
    engines.fate("after insert", "redis-is-gone")
    engines.call()
    wait_until(lambda: engines.noted("waits"), engines.log)
    engines.kill_redis()
    (engines.folder / "var" / "redis-is-gone").touch()
    wait_until(lambda: all_done(deals), engines.log)
    late = overdue()
    engines.start_redis()
    engines.tick(2)
    assert worker.poll() is None
    assert all_done(deals + late)
    sound()


class Order:
    """What pickle obeys when it reads it."""

    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_who_can_write_to_redis_cannot_run_code_here(engines, worker, tmp_path):
    assert pickle.loads(pickle.dumps(Order(str(tmp_path / "here")))) is None and (tmp_path / "here").exists()
    with engines.caller() as foe:
        foe.send_task("automations.tasks.tick", args=[Order(str(tmp_path / "there"))], serializer="pickle")
    wait_until(lambda: "ContentDisallowed" in engines.log(), engines.log)
    engines.tick()
    assert not (tmp_path / "there").exists() and worker.poll() is None
