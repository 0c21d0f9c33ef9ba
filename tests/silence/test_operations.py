"""Managers decide what is held or asked; who acts on a deal takes back what a rule did; admins see how it stands."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse

from automations import operations, setbacks, tick, watch
from automations.models import Hold, Tick
from deals.models import Deal, Firing, Kind, Task
from pipeline.models import Pipeline

from .. import clockwork as c
from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
AJAX = {"HTTP_ACCEPT": "text/html"}


@pytest.fixture(scope="module")
def made(kept):
    return c.seven_stages().pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


@pytest.fixture
def manager():
    return f.make_manager()


@contextmanager
def signed_in(client, user, moment):
    """A user at their browser at that moment."""
    with time_machine.travel(moment, tick=False):
        client.force_login(user)
        yield


def at(moment):
    return time_machine.travel(moment, tick=False)


def asked_deal(pipeline):
    """A deal too large to be archived without a word."""
    deal = c.quiet_deal(pipeline, amount=250_000)
    for day in (30, 38, 46):
        c.swept(c.midnight(c.days(day).date()))
    return deal, Firing.objects.get(deal=deal, key="archive")


def decision(deal, firing):
    return reverse("archive_decision", args=[deal.pk, firing.pk])


def test_a_manager_archives_what_asked_for_it_and_a_buyers_word_still_brings_it_back(
    pipeline, manager, client
):
    deal, firing = asked_deal(pipeline)
    with signed_in(client, manager, c.days(47)):
        assert deal.name in client.get(reverse("operations")).content.decode()
        client.post(
            decision(deal, firing), {"decision": "archive", "reason": "They chose somebody else"}, **AJAX
        )
    row = Deal.objects.get(pk=deal.pk).transitions.latest("seq")
    assert (row.kind, row.actor, row.reason) == (Kind.ARCHIVE, manager, "They chose somebody else")
    c.reply(deal, c.days(48))
    assert Deal.objects.get(pk=deal.pk).status == "open"


def test_a_deal_that_is_kept_is_asked_about_again_when_its_time_is_over(pipeline, manager, client):
    deal, firing = asked_deal(pipeline)
    with signed_in(client, manager, c.days(47)):
        until = (c.days(60)).date().isoformat()
        client.post(decision(deal, firing), {"decision": "keep", "kept_until": until}, **AJAX)
    firing.refresh_from_db()
    assert (firing.state, firing.ended_by, Deal.objects.get(pk=deal.pk).status) == (
        "kept",
        manager,
        "re_engaging",
    )
    assert not c.swept(c.days(59))
    assert c.swept(c.days(60)).asked == 1


@pytest.mark.parametrize(
    "typed, field, words",
    [
        ({}, "decision", "Choose one of the two"),
        ({"decision": "burn"}, "decision", "Choose one of the two"),
        ({"decision": "keep"}, "kept_until", "Name a day to come"),
        ({"decision": "keep", "kept_until": "2026-11-01"}, "kept_until", "Name a day to come"),
        ({"decision": "keep", "kept_until": "2028-01-01"}, "kept_until", "At most 90 days"),
        ({"decision": "keep", "kept_until": "soon\x00"}, "kept_until", ""),
    ],
)
def test_a_decision_that_decides_nothing_says_so_beside_its_field(
    pipeline, manager, client, typed, field, words
):
    deal, firing = asked_deal(pipeline)
    before = fingerprint()
    with signed_in(client, manager, c.days(47)):
        answer = client.post(decision(deal, firing), {**typed, "reason": "As I said"}, **AJAX)
    assert answer.status_code in (400, 422) and words in answer.content.decode()
    assert fingerprint() == before


def test_a_rep_decides_no_archive_and_releases_nothing(pipeline, client):
    deal, firing = asked_deal(pipeline)
    held = Hold.objects.create(reason="gap", held_at=c.days(46), details={"days": 10})
    client.force_login(deal.owner)
    before = fingerprint()
    assert client.get(reverse("operations")).status_code == 403
    assert client.post(decision(deal, firing), {"decision": "archive"}, **AJAX).status_code == 403
    assert client.post(reverse("release_hold", args=[held.pk]), **AJAX).status_code == 403
    assert fingerprint() == before
    assert Hold.objects.get().released_at is None


def test_a_follow_up_that_is_undone_leaves_its_task_and_says_who_did_it(pipeline, client):
    deal = c.quiet_deal(pipeline)
    c.proposal(deal)
    c.swept(c.days(7))
    with signed_in(client, deal.owner, c.days(8)):
        assert "Undo" in client.get(reverse("deal", args=[deal.pk])).content.decode()
        client.post(reverse("undo_firing", args=[Firing.objects.get().pk]), **AJAX)
    firing, task = Firing.objects.get(), Task.objects.get()
    assert (firing.state, firing.ended_by, task.cancelled_why) == ("undone", deal.owner, "undone")
    assert not c.swept(c.days(9))


def test_what_is_done_already_is_not_undone(pipeline, client):
    deal = c.quiet_deal(pipeline)
    c.proposal(deal)
    c.swept(c.days(7))
    Task.objects.update(done_at=c.days(8), outcome="They call back")
    before = fingerprint()
    with signed_in(client, deal.owner, c.days(8)):
        assert not offers_undo(client, deal)
        answer = client.post(reverse("undo_firing", args=[Firing.objects.get().pk]))
    assert answer.status_code == 409 and "what it asked for is done" in answer.json()["error"]["message"]
    assert fingerprint() == before and Firing.objects.get().state == "done"


def offers_undo(client, deal):
    """Whether the deal's page, and the list of what fired, have a button that takes its one firing back."""
    address = reverse("undo_firing", args=[Firing.objects.get().pk])
    found = [
        address in client.get(page).content.decode()
        for page in (reverse("deal", args=[deal.pk]), reverse("firings"))
    ]
    assert found[0] == found[1]
    return found[0]


def test_who_may_not_act_on_a_deal_is_not_offered_to_undo(pipeline, client):
    deal = c.quiet_deal(pipeline)
    c.proposal(deal)
    c.swept(c.days(7))
    with signed_in(client, deal.owner, c.days(8)):
        assert offers_undo(client, deal)
    with signed_in(client, f.make_user("Piet Olen"), c.days(8)):
        assert not offers_undo(client, deal)


@pytest.mark.parametrize("action", ["notify", "webhook"])
def test_nobody_is_offered_to_undo_what_was_told(pipeline, client, action):
    deal = c.quiet_deal(pipeline)
    c.proposal(deal)
    c.swept(c.days(7))
    Firing.objects.update(action=action)
    with signed_in(client, deal.owner, c.days(8)):
        assert (
            f"/firings/{Firing.objects.get().pk}/undo/" not in client.get(reverse("firings")).content.decode()
        )
        assert client.post(reverse("undo_firing", args=[Firing.objects.get().pk])).status_code == 409
    assert Firing.objects.get().state == "done" and Task.objects.unfinished().exists()


@pytest.mark.parametrize("upto, kind", [(14, Kind.RE_ENGAGE), (30, Kind.ARCHIVE)])
def test_undo_restores_the_state_from_before_exactly(pipeline, client, upto, kind):
    deal = c.quiet_deal(pipeline)
    c.proposal(deal)
    for day in (7, 14, 22, 30):
        if day < upto:
            c.swept(c.midnight(c.days(day).date()))
    before = state_of(deal)
    c.swept(c.midnight(c.days(upto).date()))
    firing = Firing.objects.latest("pk")
    assert Deal.objects.get(pk=deal.pk).transitions.latest("seq").kind == kind
    with signed_in(client, deal.owner, c.days(upto + 1)):
        client.post(reverse("undo_firing", args=[firing.pk]), **AJAX)
    assert state_of(deal) == before


def state_of(deal):
    """What a rep sees of it: where it stands, what is to do, what counts."""
    row = Deal.objects.get(pk=deal.pk)
    columns = ["stage_id", "status", "closed_at", "loss_reason_id", "open_before", "held_here", "awaiting_since",
               "last_buyer_activity_at", "next_owner_id", "held_days", "paused_until"]  # fmt: skip
    tasks = sorted(row.tasks.unfinished().exclude(rule_key="").values_list("rule_key", flat=True))
    return [getattr(row, name) for name in columns], tasks


def test_what_a_rule_did_is_not_undone_after_a_week_nor_after_the_deal_moved_on(pipeline, client):
    deal = c.quiet_deal(pipeline)
    c.proposal(deal)
    c.swept(c.days(14))
    firing = Firing.objects.get(key="re_engage")
    with signed_in(client, deal.owner, c.days(22)):
        before = fingerprint()
        answer = client.post(reverse("undo_firing", args=[firing.pk]), HTTP_ACCEPT="application/json")
        assert answer.status_code == 409 and fingerprint() == before
    c.reply(deal, c.days(15))
    with signed_in(client, deal.owner, c.days(16)):
        before = fingerprint()
        answer = client.post(reverse("undo_firing", args=[firing.pk]), HTTP_ACCEPT="application/json")
        assert answer.status_code == 409 and fingerprint() == before


def test_another_teams_firing_is_not_there(pipeline, client):
    deal = c.quiet_deal(pipeline)
    c.proposal(deal)
    c.swept(c.days(7))
    client.force_login(f.make_user("Noor Tavarro", team="South"))
    assert client.post(reverse("undo_firing", args=[Firing.objects.get().pk]), **AJAX).status_code == 404
    assert deal.name not in client.get(reverse("firings")).content.decode()


def test_every_rule_is_listed_with_what_it_did_and_does_next(pipeline, manager, client):
    deal = c.quiet_deal(pipeline)
    c.proposal(deal)
    c.swept(c.days(7))
    with signed_in(client, manager, c.days(8)):
        page = client.get(reverse("operations")).content.decode()
        fired = client.get(reverse("firings")).content.decode()
    for key in ("follow_up", "re_engage", "re_engage_2", "archive"):
        assert f'data-rule="{key}"' in page
    assert "no buyer response since 2 Nov, 5 business days" in fired


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00", "1999-12-31", "3000-01-01"]
)
def test_a_tick_at_the_ends_of_the_calendar_is_refused_before_it_does_anything(at):
    with pytest.raises(CommandError, match="give a time such as"):
        call_command("run_automations", "--at", at)
    assert not Tick.objects.exists()


def test_readiness_says_when_the_clock_was_looked_at_last(client):
    tick.run_now()
    assert client.get("/readyz").json()["last_tick"] == Tick.objects.get().at.isoformat(timespec="seconds")


def test_after_days_nobody_watched_tasks_are_made_and_archives_wait_for_a_manager(pipeline, manager, client):
    first, second = c.quiet_deal(pipeline), c.quiet_deal(pipeline, at=c.days(40))
    c.proposal(second, at=c.days(40))
    for day in (30, 38):
        c.swept(c.midnight(c.days(day).date()))
    watch.look(c.days(39))
    watch.look(c.days(49))
    done = c.swept(c.days(49))
    assert (done.archived, done.tasks) == (0, 1)
    assert manager.notices.filter(text__contains="Nobody watched the clocks for 10 days").count() == 1
    client.force_login(manager)
    client.post(reverse("release_hold", args=[Hold.objects.get().pk]), **AJAX)
    assert c.swept(c.days(49)).archived == 1
    assert Deal.objects.get(pk=first.pk).status == "archived"


def test_a_clock_that_jumped_ahead_and_came_back_takes_its_hold_along_and_archives_nothing(pipeline):
    deal = c.quiet_deal(pipeline)
    for day in (30, 38):
        c.swept(c.midnight(c.days(day).date()))
    watch.look(c.days(39))
    watch.look(c.days(79))
    assert c.swept(c.days(79)).archived == 0
    watch.look(c.days(39, c.MONDAY + timedelta(minutes=1)))
    assert not Hold.objects.filter(released_at__isnull=True).exists()
    assert Deal.objects.get(pk=deal.pk).status == "re_engaging"


def test_a_clock_that_went_back_holds_what_takes_deals_away(pipeline):
    deal = c.quiet_deal(pipeline)
    watch.look(c.days(40))
    watch.look(c.days(35))
    assert Hold.objects.get().reason == "backwards"
    assert not c.swept(c.days(35))
    assert Deal.objects.get(pk=deal.pk).status == "open"


@pytest.mark.engine("postgresql")
def test_a_clock_that_differs_from_the_databases_holds_until_they_agree(pipeline):
    deal = c.quiet_deal(pipeline)
    with at(c.days(400)):
        watch.look(c.days(400))
        assert Hold.objects.get().reason == "skew"
        assert not c.swept(c.days(400))
    tick.run_now()
    assert Hold.objects.get().released_at is not None
    assert not Tick.objects.filter(at__gt=c.days(300)).exists()
    assert deal.transitions.count() >= 1


def test_many_deals_are_checked_over_several_ticks_and_each_once_a_day(pipeline, monkeypatch):
    from deals.timers import due_stored

    deals = [c.quiet_deal(pipeline) for _number in range(5)]
    Deal.objects.update(next_due_at=None, next_due_rule=None)
    monkeypatch.setattr(due_stored, "CHUNK", 2)
    monkeypatch.setattr(watch, "CHECK_SECONDS", -1)
    found = [watch.check_dates(c.days(1)) for _tick in range(4)]
    assert found == [2, 2, 1, 0]
    assert Deal.objects.filter(next_due_rule__key="re_engage").count() == len(deals)
    Deal.objects.filter(pk=deals[0].pk).update(next_due_at=None)
    assert watch.check_dates(c.days(1)) == 0
    assert [watch.check_dates(c.days(2)) for _tick in range(3)] == [1, 0, 0]


def test_the_page_says_for_each_rule_what_is_held_and_what_failed(pipeline, client):
    held, failed = c.quiet_deal(pipeline), c.quiet_deal(pipeline)
    c.swept(c.days(30))
    c.swept(c.days(38))
    Hold.objects.create(reason="gap", held_at=c.days(46), details={"days": 10})
    with signed_in(client, f.make_admin(), c.days(47)):
        setbacks.set_aside(failed.pk, ValueError("a page of it is missing"), c.days(47))
        lines = {line.definition.key: line for line in operations.rule_lines(c.days(47))}
        page = client.get(reverse("operations")).content.decode()
    assert (lines["archive"].due, lines["archive"].held, lines["archive"].errors) == (1, 1, 1)
    assert f.fresh(held).next_due_rule == f.fresh(failed).next_due_rule == lines["archive"].definition
    others = [line for key, line in lines.items() if key != "archive"]
    assert not any(line.held or line.errors for line in others)
    row = page.split('data-rule="archive"')[1].split("</tr>")[0]
    assert 'data-label="Held"><span class="chip warn">1<' in row
    assert 'data-label="Errors"><span class="chip risk">1<' in row
