"""A publication that changes the timers of many deals is over at once, and their clocks follow it: whatever cuts that
off, whatever comes in between, and without anything firing by the old process meanwhile."""

import random
from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.urls import reverse
from django.utils import timezone

from automations import mass, tick
from automations.models import Hold
from automations.sweep import sweep
from deals import moves
from deals.models import ClocksToFollow, Deal, Firing, Kind, Task
from deals.timers import due_following, due_stored, due_together
from pipeline.models import Pipeline
from pipeline.publishing import publish

from .. import clockwork as c
from .. import factories as f
from .. import publications as p
from ..admin_process import page_of, put_in_force, said
from .test_soonest import CHANGES, clocks, fire, random_deal

pytestmark = pytest.mark.django_db
NOW = c.days(31)  # the archive's thirty days are over


@pytest.fixture(autouse=True)
def few_at_a_time(monkeypatch):
    """Two deals are many, and a chunk is two."""
    monkeypatch.setattr(due_following, "MOST", 1)
    monkeypatch.setattr(due_following, "CHUNK", 2)


def silent(count=5, stages=None, at=c.MONDAY):
    """(pipeline, deals): nothing heard from since Monday 2 November 2026. Thirty days on they are archived."""
    pipeline, owner = f.make_pipeline(stages=stages), f.make_user()
    pipeline.rules.filter(key="re_engage").update(is_on=False)
    put(pipeline, "archive", 30)
    due_following.go_on()
    return pipeline, [c.quiet_deal(pipeline, at=at, owner=owner) for _number in range(count)]


def put(pipeline, key, days, stage=None):
    """Publish the rule with other days."""
    pipeline.rules.filter(key=key, stage=stage).update(days=days)
    pipeline = Pipeline.objects.get(pk=pipeline.pk)
    return publish(pipeline, by=pipeline.process_owner, note="Other days")


def all_right():
    """Every clock is what its process says; and nothing waits."""
    return not ClocksToFollow.objects.exists() and due_stored.follow_many(Deal.objects.all()) == 0


def statuses(deals):
    return {Deal.objects.get(pk=deal.pk).status for deal in deals}


def test_the_clocks_of_few_deals_are_set_with_the_publication(monkeypatch):
    pipeline, deals = silent()
    monkeypatch.setattr(due_following, "MOST", len(deals))
    put(pipeline, "archive", 45)
    assert all_right()


def test_those_of_many_follow_it_in_chunks():
    pipeline, deals = silent()
    before = clocks()
    put(pipeline, "archive", 45)
    row = ClocksToFollow.objects.get()
    assert clocks() == before and (row.pipeline, row.deals, row.done, row.left) == (pipeline, 5, 0, 5)
    assert due_following.go_on(seconds=-1) == 2, "so long and no longer"
    row.refresh_from_db()
    assert (row.done, row.after, row.left) == (2, deals[1].pk, 3)
    assert sum(now != then for now, then in zip(clocks(), before, strict=True)) == 2
    assert due_following.go_on() == 3 and all_right()
    assert due_following.go_on() == 0


def test_they_come_to_what_each_deals_own_rules_say_whatever_was_published():
    dice, now = random.Random(31), timezone.now()
    pipeline = f.make_pipeline(stages=p.STAGES)
    deals = [f.make_deal(pipeline, stage=stage) for stage in p.STAGES for _each in range(3)]
    for deal in deals:
        Deal.objects.filter(pk=deal.pk).update(**random_deal(dice, now) | {"status": "open"})
    due_stored.follow_many(Deal.objects.all())
    fire(dice, deals[::2], now)
    due_stored.follow_many(Deal.objects.all())
    left = 0
    for change in CHANGES:
        change(pipeline, dice)
        publish(pipeline, by=pipeline.process_owner, note="Something else")
        left += ClocksToFollow.objects.count()
        due_following.go_on()
        assert all_right(), change
    assert left > 5


@pytest.mark.parametrize("at", ["before it is written", "after it is written"])
def test_who_is_cut_off_in_the_middle_is_followed_by_another_who_begins_where_it_was(monkeypatch, at):
    pipeline, _deals = silent(7)
    put(pipeline, "archive", 45)
    follow, looked = due_together.follow, []

    def cut_off(deals, *rest, **more):
        looked.append(sorted(deals.values_list("pk", flat=True)))
        if len(looked) == 3 and at.startswith("before"):
            raise OperationalError("the power is gone")
        follow(deals, *rest, **more)
        if len(looked) == 3:
            raise OperationalError("the power is gone")

    monkeypatch.setattr(due_together, "follow", cut_off)
    before = clocks()
    with pytest.raises(OperationalError):
        due_following.go_on()
    assert ClocksToFollow.objects.get().done == 4
    assert [now != then for now, then in zip(clocks(), before, strict=True)] == [True] * 4 + [False] * 3
    assert due_following.go_on() == 3 and all_right()
    assert looked[2] == looked[3] and len(looked) == 5, "nobody is looked at twice who had been set"


def test_another_publication_in_between_begins_anew_with_the_stages_of_both():
    pipeline, deals = silent(5, stages=p.STAGES)
    moved = [f.make_deal(pipeline, stage="Two") for _number in range(3)]
    stage = pipeline.stages.get(name="Two")
    pipeline.rules.create(stage=stage, key="own", is_on=True, action="task", trigger="over_target", days=1)
    put(pipeline, "own", 2, stage)
    assert ClocksToFollow.objects.get().stages == [stage.pk]
    put(pipeline, "archive", 45)
    assert ClocksToFollow.objects.get().stages == sorted(pipeline.stages.values_list("pk", flat=True))
    due_following.go_on(seconds=-1)
    put(pipeline, "own", 3, stage)
    row = ClocksToFollow.objects.get()
    assert (row.deals, row.done, row.after) == (8, 0, 0) and stage.pk in row.stages and len(row.stages) == 4
    assert due_following.go_on() == len(deals + moved) and all_right()


def test_what_is_rolled_back_in_between_leaves_every_clock_as_it_was():
    pipeline, deals = silent()
    before = [(pk, at) for pk, at, _rule in clocks()]
    put(pipeline, "archive", 45)
    due_following.go_on(seconds=-1)
    put(pipeline, "archive", 30)
    assert due_following.go_on() == len(deals) and all_right()
    assert [(pk, at) for pk, at, _rule in clocks()] == before


def test_a_publication_that_fails_leaves_nothing_to_follow_and_calls_nobody(
    monkeypatch, django_capture_on_commit_callbacks
):
    pipeline, _deals = silent()
    called = []
    monkeypatch.setattr(due_following, "callers", [lambda: called.append("to come")])
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(ZeroDivisionError),
        transaction.atomic(),
    ):
        put(pipeline, "archive", 45)
        raise ZeroDivisionError
    assert called == [] and all_right()


def test_who_can_set_clocks_at_once_is_called_after_the_commit(
    monkeypatch, django_capture_on_commit_callbacks
):
    pipeline, _deals = silent()
    called = []
    monkeypatch.setattr(due_following, "callers", [lambda: called.append(ClocksToFollow.objects.count())])
    with django_capture_on_commit_callbacks(execute=True):
        put(pipeline, "archive", 45)
        assert called == []
    assert called == [1]


# Meanwhile


def test_a_deal_whose_old_clock_is_due_and_whose_new_rule_is_later_is_not_archived():
    pipeline, deals = silent()
    put(pipeline, "archive", 45)
    assert Deal.objects.filter(next_due_at__lte=NOW).count() == len(deals)
    assert not sweep(NOW) and statuses(deals) == {"open"} and not Firing.objects.exists()
    due_following.go_on()
    assert not sweep(NOW) and not sweep(c.days(44)) and statuses(deals) == {"open"}
    assert sweep(c.days(46)).archived == len(deals)


def test_one_whose_new_rule_is_due_sooner_fires_once_its_clock_followed():
    pipeline, deals = silent()
    put(pipeline, "archive", 12)
    assert not sweep(c.days(13)) and statuses(deals) == {"open"}
    due_following.go_on()
    assert sweep(c.days(13)).archived == len(deals)
    assert {row.due_at.date() for row in Firing.objects.all()} == {c.days(12).date()}


def test_a_rule_that_takes_nothing_away_fires_by_the_new_process_alone():
    """What is due by the old one is worked out anew under the lock."""
    pipeline, deals = silent()
    for deal in deals:
        c.proposal(deal)
    put(pipeline, "follow_up", 9)
    assert not sweep(c.days(8)) and not Task.objects.exists(), "it was due after five business days"
    assert set(Deal.objects.values_list("next_due_at", flat=True)) == {c.midnight(c.days(11).date())}
    assert sweep(c.days(12)).tasks == len(deals), "nine business days, and the clocks have not followed yet"
    assert ClocksToFollow.objects.exists()


def test_archives_wait_until_it_is_known_how_many_there_are(monkeypatch):
    """Some come due chunk by chunk, never more than the share at once; all of them are more."""
    pipeline, deals = silent(12)
    monkeypatch.setattr(mass, "FEW", 3)
    put(pipeline, "archive", 20)
    while ClocksToFollow.objects.exists():
        sweep(c.days(25))
        assert statuses(deals) == {"open"}
        due_following.go_on(seconds=-1)
    assert sweep(c.days(25)).held and statuses(deals) == {"open"}
    assert Hold.objects.get().details["count"] == len(deals)


def test_they_are_not_held_by_the_number_of_old_clocks(monkeypatch):
    pipeline, deals = silent(12)
    monkeypatch.setattr(mass, "FEW", 3)
    put(pipeline, "archive", 45)
    tick.run(NOW)
    assert not Hold.objects.exists() and statuses(deals) == {"open"} and all_right()


def test_a_sweep_that_has_asked_asks_again_where_another_process_comes_in_between(monkeypatch):
    pipeline, _deals = silent(12)
    monkeypatch.setattr(mass, "FEW", 3)
    share = mass.Share(c.days(25))
    obeyed = lambda: (pipeline.pk, Pipeline.objects.get(pk=pipeline.pk).version.token)  # noqa: E731
    assert share._allowed(obeyed()), "none is due yet"
    put(pipeline, "archive", 20)
    due_following.go_on()
    assert not share._allowed(obeyed()) and share.words


def test_a_full_chunk_of_archives_that_wait_ends_the_sweep(monkeypatch):
    pipeline, deals = silent()
    put(pipeline, "archive", 29)
    assert not sweep(NOW, chunk=2) and statuses(deals) == {"open"}
    due_following.go_on()
    assert sweep(NOW, chunk=2).archived == len(deals)


def test_a_deal_that_moves_or_hears_from_the_buyer_meanwhile_settles_by_the_new_process():
    pipeline, (heard, moved, *_others) = silent(4)
    put(pipeline, "archive", 45)
    c.reply(heard, c.days(3))
    moves.pause(
        moved.pk, seen_seq=moved.seq, by=moved.owner, until=f.today() + timedelta(days=5), reason="Summer"
    )
    assert Deal.objects.get(pk=heard.pk).next_due_at == c.midnight(c.days(48).date())
    assert Deal.objects.get(pk=moved.pk).next_due_at is None
    due_following.go_on()
    assert Deal.objects.get(pk=heard.pk).next_due_at == c.midnight(c.days(48).date()) and all_right()


def test_deals_of_a_stage_that_is_merged_follow_it_where_they_stand_now():
    pipeline, _deals = silent(3, stages=p.STAGES)
    gone, to = pipeline.stages.get(name="One"), pipeline.stages.get(name="Two")
    to.rules.create(pipeline=pipeline, key="own", is_on=True, action="task", trigger="no_activity", days=2)
    put(pipeline, "own", 2, to)
    due_following.go_on()
    gone.retired_at, gone.retired_to = timezone.now(), to
    gone.save()
    publish(Pipeline.objects.get(pk=pipeline.pk), by=pipeline.process_owner, note="One is part of Two")
    assert Deal.objects.filter(stage=to).count() == 3 and to.pk in ClocksToFollow.objects.get().stages
    due_following.go_on()
    assert all_right() and set(Deal.objects.values_list("next_due_rule__key", flat=True)) == {"own"}


# Who does it, and who is told


def test_the_tick_sets_them_before_it_goes_by_them():
    pipeline, deals = silent()
    put(pipeline, "archive", 12)
    done = tick.run(c.days(13))
    assert done.followed == len(deals) and "5 clocks followed their process" in str(done)
    assert done.swept.archived == len(deals) and all_right()


def test_who_published_reads_how_many_follow_and_how_far_they_are(client):
    pipeline, _deals = silent()
    client.force_login(pipeline.process_owner)
    pipeline.rules.filter(key="archive").update(days=45)
    page = put_in_force(client, pipeline)
    words = "The clocks of 5 deals follow in the next minutes, %d have; no rule archives a deal meanwhile."
    assert words % 0 in said(page)[0]
    due_following.go_on(seconds=-1)
    assert words % 2 in client.get(page_of(pipeline)).content.decode()
    operations = client.get(reverse("operations")).content.decode()
    assert f'data-following="{pipeline.pk}"' in operations and '<b class="num">3</b> of 5, for' in operations
    due_following.go_on()
    assert "follow in the next minutes" not in client.get(page_of(pipeline)).content.decode()
    assert "data-following" not in client.get(reverse("operations")).content.decode()


def test_nothing_but_the_clocks_waits_for_it():
    """Counts, the ledger and the version are those of the publication when it is over."""
    pipeline, deals = silent(3, stages=p.STAGES)
    p.edit(pipeline, "score", minimum=6)
    pipeline.rules.filter(key="archive").update(days=45)
    version = p.published(pipeline)
    assert ClocksToFollow.objects.get().deals == len(deals) and version.number == 3
    assert not Deal.objects.filter(transitions__kind=Kind.REMAP).exists()
