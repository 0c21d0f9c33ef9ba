"""Clocks that follow a publication while others write: a lock less, and one of these fails."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automations import mass
from automations.models import Hold
from automations.sweep import sweep
from deals.models import ClocksToFollow, Deal
from deals.timers import due_following, due_stored
from pipeline.publishing import publish

from .. import clockwork as c
from ..silence.test_clocks_follow import put, silent, statuses
from .test_concurrency import all_at_once, chain_is_whole
from .test_silence_at_once import reply, while_another

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine("postgresql")]


@pytest.fixture(autouse=True)
def few_at_a_time(monkeypatch):
    monkeypatch.setattr(due_following, "MOST", 1)
    monkeypatch.setattr(due_following, "CHUNK", 2)


def a_chunk(pipeline):
    return lambda: due_following._chunk(pipeline.pk, {})


def all_right():
    return not ClocksToFollow.objects.exists() and due_stored.follow_many(Deal.objects.all()) == 0


def test_several_who_set_them_look_at_each_deal_once():
    pipeline, deals = silent(9)
    put(pipeline, "archive", 45)
    looked = all_at_once([due_following.go_on] * 4)
    assert sum(looked) + due_following.go_on() == len(deals) and all_right()


def test_what_one_has_in_hand_another_leaves_to_it():
    pipeline, deals = silent(5)
    put(pipeline, "archive", 45)
    assert while_another(a_chunk(pipeline), due_following.go_on) == 0
    assert due_following.go_on() == len(deals) - 2 and all_right()


def test_a_reply_that_is_being_saved_is_counted_from():
    pipeline, (deal, *_others) = silent(4)
    put(pipeline, "archive", 45)
    while_another(lambda: reply(deal, timezone.now()), due_following.go_on)
    assert all_right()


def test_a_reply_waits_for_the_deals_that_are_in_hand():
    pipeline, (deal, *_others) = silent(4)
    put(pipeline, "archive", 45)
    while_another(a_chunk(pipeline), lambda: reply(deal, timezone.now()))
    due_following.go_on()
    assert all_right()


def test_another_publication_waits_for_a_chunk_and_begins_anew():
    pipeline, deals = silent(5)
    put(pipeline, "archive", 45)
    while_another(a_chunk(pipeline), lambda: put(pipeline, "archive", 20))
    assert ClocksToFollow.objects.get().done == 0
    assert due_following.go_on() == len(deals) and all_right()


def test_whatever_is_published_waits_for_a_chunk():
    """So that deals are looked at by one process from start to end."""
    pipeline, _deals = silent(5)
    put(pipeline, "archive", 45)

    def publish_and_look():
        pipeline.stages.filter(position=1).update(name="First talk")
        publish(pipeline, by=pipeline.process_owner, note="Another name")
        return ClocksToFollow.objects.get().done

    assert while_another(a_chunk(pipeline), publish_and_look) == 2


def test_a_chunk_waits_for_another_publication_and_goes_by_it():
    pipeline, _deals = silent(5)
    put(pipeline, "archive", 45)
    while_another(lambda: put(pipeline, "archive", 20), due_following.go_on)
    due_following.go_on()
    assert all_right()


def test_the_sweep_leaves_the_deals_that_are_in_hand():
    pipeline, deals = silent(3)
    for deal in deals:
        c.proposal(deal)
    put(pipeline, "follow_up", 6)
    assert while_another(a_chunk(pipeline), lambda: sweep(c.days(20))).tasks == 1
    assert sweep(c.days(20)).tasks == 2


def test_a_publication_is_over_after_what_the_sweep_has_in_hand_by_the_old_process():
    """Nothing is archived by a rule that is not in force any more."""
    now = timezone.now()
    pipeline, deals = silent(3, at=now - timedelta(days=31))

    def publish_and_look():
        put(pipeline, "archive", 45)
        return Deal.objects.get(pk=deals[0].pk).status

    assert while_another(lambda: sweep(now), publish_and_look) == "archived"
    due_following.go_on()
    assert all_right() and chain_is_whole()


def test_a_publication_and_a_sweep_that_holds_a_mass_of_archives_back_do_not_stop_each_other(monkeypatch):
    monkeypatch.setattr(mass, "FEW", 3)
    now = timezone.now()
    pipeline, deals = silent(12, at=now - timedelta(days=31))
    while_another(lambda: sweep(now), lambda: put(pipeline, "archive", 45))
    due_following.go_on()
    assert statuses(deals) == {"open"} and Hold.objects.get().details["count"] == 12 and all_right()
