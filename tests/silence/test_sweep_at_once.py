"""Rows B06, I5, I6: the sweep beside itself and beside a buyer's reply. Nothing happens twice, no reply is lost."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from automations import tick
from automations.sweep import sweep
from deals import activities
from deals.models import Activity, Deal, Firing, Status, Task

from .. import clockwork as c
from .. import factories as f
from ..trust.test_concurrency import all_at_once, chain_is_whole

pytestmark = pytest.mark.django_db(transaction=True)


def replying(deal, now):
    contact = deal.company.contacts.get()
    return lambda: activities.log(
        deal.pk, by=deal.owner, kind="email", direction="in", happened_at=now, attendees=[contact], now=now
    )


def test_ten_sweeps_at_once_do_each_thing_once():
    pipeline, now = f.make_pipeline(), timezone.now()
    owner = f.make_user()
    deals = [c.quiet_deal(pipeline, at=now - timedelta(days=9), owner=owner) for _number in range(30)]
    for deal in deals:
        c.proposal(deal, at=now - timedelta(days=9))
    results = all_at_once([lambda: sweep(now)] * 10)
    assert not [result for result in results if isinstance(result, Exception)]
    assert sum(result.tasks for result in results) == Task.objects.count() == Firing.objects.count() == 30


def raced(rounds):
    """So many deals, each archived and answered at the same moment."""
    deals, now = c.last_day(rounds)
    for start in range(0, rounds, 5):
        few = deals[start : start + 5]
        jobs = [replying(deal, now) for deal in few] + [lambda: sweep(now, chunk=5)] * 3
        assert not [result for result in all_at_once(jobs) if isinstance(result, Exception)]
    return deals


def no_reply_is_lost(deals):
    found = Deal.objects.filter(pk__in=[deal.pk for deal in deals])
    assert not found.filter(status=Status.ARCHIVED).exists()
    assert {deal.status for deal in found} == {Status.OPEN}
    assert Activity.objects.filter(from_buyer=True, kind="email").count() == len(deals)
    assert not Task.objects.unfinished().exclude(rule_key="").exists()
    assert chain_is_whole()


def test_a_reply_that_races_the_archive_always_wins():
    no_reply_is_lost(raced(10))


@pytest.mark.soak
def test_a_reply_that_races_the_archive_always_wins_five_hundred_times():
    no_reply_is_lost(raced(500 if connection.vendor == "postgresql" else 100))


def written_beside_the_scheduler(rounds):
    """Two people who write and a scheduler that ticks, all at once; what went wrong."""
    deals, now = c.last_day(2)

    def writing(deal):
        for number in range(rounds):
            activities.log(
                deal.pk,
                by=deal.owner,
                kind="note",
                happened_at=timezone.now(),
                body=f"Thought {number} of it",
            )

    def ticking():
        for number in range(rounds):
            tick.run(now + timedelta(minutes=number))

    jobs = [lambda: writing(deals[0]), lambda: writing(deals[1]), ticking]
    return [result for result in all_at_once(jobs) if result is not None]


def test_two_writers_and_the_scheduler_meet_no_error():
    assert written_beside_the_scheduler(15) == []
    assert Activity.objects.filter(kind="note").count() == 30 and chain_is_whole()


@pytest.mark.soak
def test_two_writers_and_the_scheduler_meet_no_error_for_long():
    assert written_beside_the_scheduler(400) == []
    assert Activity.objects.filter(kind="note").count() == 800 and chain_is_whole()


def two_browsers_beside_the_scheduler(until):
    """Two people who log talks on the page and a scheduler that ticks, over and over; (answers, what went wrong)."""
    deals, now = c.last_day(2)
    answers = []

    def browsing(deal):
        browser, page = Client(SERVER_NAME="localhost"), reverse("log", args=[deal.pk])
        browser.force_login(deal.owner)
        talk = {"kind": "call", "who": deal.company.contacts.get().pk, "happened_on": f.today().isoformat()}
        while not until():
            answers.append(browser.post(page, talk | {"said": f"Thought {len(answers)} of it"}).status_code)

    def ticking():
        minutes = 0
        while not until():
            tick.run(now + timedelta(minutes=minutes))
            minutes += 1

    jobs = [lambda: browsing(deals[0]), lambda: browsing(deals[1]), ticking]
    return answers, [result for result in all_at_once(jobs) if result is not None]


def every_talk_is_kept(answers, errors):
    assert errors == [] and set(answers) == {303}
    assert Activity.objects.filter(kind="call").count() == len(answers) and chain_is_whole()


def test_two_browsers_and_the_scheduler_write_beside_each_other():
    asked = iter(range(12))
    every_talk_is_kept(*two_browsers_beside_the_scheduler(lambda: next(asked, None) is None))


@pytest.mark.soak
def test_two_browsers_and_the_scheduler_write_beside_each_other_for_a_minute():
    end = time.monotonic() + 60
    every_talk_is_kept(*two_browsers_beside_the_scheduler(lambda: time.monotonic() > end))
