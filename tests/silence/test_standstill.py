"""The one process of a Headgate without Redis, killed; and clocks that nobody watched for ten days. Row F5."""

import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from automations import holds, tick
from automations.models import Hold, HoldReason, Tick
from deals.models import Status
from team.notices import Notice

from .. import clockwork as c
from .. import factories as f
from ..engines import wait_until
from ..faults import all_done, fired, overdue, sound

ALONE = """
import django
django.setup()
import tests.faulty_worker
from django.core.management import call_command
call_command("run_automations", every=1)
"""


@pytest.mark.django_db(transaction=True)
def test_the_process_that_does_it_without_redis_is_killed_and_the_next_one_does_the_rest_once(engines):
    deals = overdue()
    engines.fate("before commit")
    process = engines.start(sys.executable, "-c", ALONE)
    wait_until(lambda: process.poll() is not None, engines.log)
    assert [fired(deal) for deal in deals] == [[]] * len(deals)
    process = engines.start(sys.executable, "-c", ALONE)
    wait_until(lambda: all_done(deals), engines.log)
    engines.kill(process)
    sound()


@pytest.fixture
def now():
    return timezone.now()


def nobody_watched(now, days=10):
    Tick.objects.update_or_create(pk=1, defaults={"at": now - timedelta(days=days)})


@pytest.mark.django_db
def test_after_ten_days_without_a_scheduler_each_thing_that_came_due_is_done_once_and_in_order(now):
    deals = overdue()
    nobody_watched(now)
    done = tick.run_now()
    assert (done.swept.tasks, done.swept.re_engaged) == (len(deals), len(deals))
    assert all_done(deals)
    assert not tick.run_now().swept
    sound()


@pytest.mark.django_db
def test_an_archive_that_came_due_while_nobody_watched_waits_for_a_manager_who_is_told(now):
    manager = f.make_manager()
    deal = c.quiet_deal(c.seven_stages(), at=now - timedelta(days=45))
    c.proposal(deal, at=now - timedelta(days=45))
    for days in (30, 15):  # when the clocks were looked at before they stood still
        c.swept(now - timedelta(days=days))
    nobody_watched(now)
    assert not tick.run_now().swept.archived
    assert f.fresh(deal).status != Status.ARCHIVED
    hold = Hold.objects.get()
    assert hold.reason == HoldReason.GAP
    assert "10 days" in Notice.objects.get(user=manager, key=f"hold-{hold.pk}").text
    holds.release(hold.pk, by=manager, now=now)
    assert tick.run_now().swept.archived == 1
    assert f.fresh(deal).status == Status.ARCHIVED
    assert fired(deal)[-1] == "archive" and len(fired(deal)) == len(set(fired(deal)))
