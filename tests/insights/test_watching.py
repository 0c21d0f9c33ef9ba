"""Open dashboards that ask for what is new: told of what they show, and counted together within bounds."""

import re
import threading

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automations.models import Hold
from deals.models import Approval, Deal, GateException, Task
from insights import freshness, registry, shared, views
from insights.lens import Lens
from team.models import User

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_known():
    shared.forget()
    yield
    shared.forget()


@pytest.fixture
def deals(db):
    pipeline = f.make_pipeline(stages=f.SIMPLE)
    north, south = f.make_user(), f.make_user("Tom Averell", team="South")
    return [f.make_deal(pipeline, north, name="North"), f.make_deal(pipeline, south, name="South")]


def page_of(person, since="", **asked):
    client = Client(headers={"Since": since} if since else {})
    client.force_login(person)
    page = client.get("/dashboard/", asked).content.decode()
    client.version = re.search('data-version="([^"]+)"', page)[1]
    client.every = int(re.search('data-every="([0-9]+)"', page)[1])
    client.asked, client.page = asked, page
    return client


def is_told(client):
    answer = client.get("/dashboard/changes/", {**client.asked, "since": client.version})
    return {200: True, 204: False}[answer.status_code]


def new_task(deal):
    now = timezone.now()
    return Task.objects.create(
        deal=deal, assignee=deal.owner, title="Ask who signs", due_on=f.today(), created_at=now
    )


@pytest.mark.parametrize("act", [f.log_call, new_task, lambda d: Deal.objects.filter(pk=d.pk).update(rev=99)])
def test_what_happens_to_deals_that_a_page_does_not_show_makes_no_page_anew(deals, act):
    north, south = deals
    boss, rep = f.make_admin(), page_of(north.owner)
    whole, filtered = page_of(boss), page_of(boss, owner=north.owner_id)
    act(south)
    assert [is_told(page) for page in (whole, filtered, rep)] == [True, False, False]
    act(north)
    assert [is_told(page) for page in (whole, filtered, rep)] == [True, True, True]


def test_what_is_put_on_record_late_with_an_earlier_number_is_told_of_all_the_same(deals):
    """Of two transactions the later number may be there first."""
    rep = page_of(deals[0].owner)
    first, second = f.log_call(deals[0]), f.log_call(deals[0])
    type(first).objects.filter(pk=first.pk).update(deal=deals[1])
    seen = page_of(deals[0].owner)
    assert is_told(rep) and not is_told(seen)
    type(first).objects.filter(pk=first.pk).update(deal=deals[0])
    assert is_told(seen) and second.pk > first.pk


def test_what_waits_for_a_person_is_told_to_them_alone(deals):
    boss, other = f.make_admin(), f.make_user("Ruth Other", team="South")
    pages = page_of(boss, owner=other.pk), page_of(other)
    Hold.objects.create(reason="gap", held_at=timezone.now(), details={"days": 10})
    assert [is_told(page) for page in pages] == [True, False]


def test_a_version_of_yesterday_or_of_nobody_is_another_one(deals):
    rep = page_of(deals[0].owner)
    for since in ("", "x", "1~", "1~a.b", "~" * 30, "9" * 400 + "~0-0-0-0-0", rep.version + "1"):
        assert rep.get("/dashboard/changes/", {"since": since}).status_code == 200


def test_a_version_of_long_ago_reads_no_more_than_a_bound_of_each_table(deals, monkeypatch):
    rep = page_of(deals[0].owner)
    monkeypatch.setattr(freshness, "MOST", 7)
    for _n in range(4):
        f.log_call(deals[0])
    with CaptureQueriesContext(connection) as found:
        assert is_told(rep)
    assert sum(row["sql"].count("LIMIT 7)") for row in found) == len(freshness.GROWING)


def test_as_many_new_rows_of_others_as_are_read_are_told_of(deals, monkeypatch):
    rep = page_of(deals[0].owner)
    for _n in range(3):
        f.log_call(deals[1])
    assert not is_told(rep)
    monkeypatch.setattr(freshness, "MOST", 3)
    assert is_told(rep)


def let_pass(deal):
    """Asked for, and answered by a boss."""
    now = timezone.now()
    asked = GateException.objects.create(
        deal=deal, to_stage=deal.stage, asked_by=deal.owner, asked_at=now, seen_seq=1, reason="Soon",
        expires_on=f.today(),
    )  # fmt: skip
    yield asked
    GateException.objects.filter(pk=asked.pk).update(state="refused", decided_at=now)
    yield asked


def ask_to_sign(deal):
    criterion = f.criterion_of(deal.pipeline, "problem")
    asked = Approval.objects.create(
        deal=deal,
        criterion=criterion,
        side="legal",
        subject="Terms",
        asked_at=timezone.now(),
        approver=f.make_user(),
    )
    yield asked
    Approval.objects.filter(pk=asked.pk).update(decision="approved", decided_at=timezone.now())
    yield asked


def finish_a_task(deal):
    task = new_task(deal)
    yield task
    Task.objects.filter(pk=task.pk).update(done_at=timezone.now())
    yield task


@pytest.mark.parametrize("act", [let_pass, ask_to_sign, finish_a_task])
def test_what_is_decided_and_done_is_told_to_those_who_see_the_deal(deals, act):
    north, south = deals
    for _step in act(south):
        rep = page_of(north.owner)
    assert not is_told(rep)
    for _step in act(north):
        assert is_told(rep)
        rep = page_of(north.owner)
    assert not is_told(rep)


def counts(monkeypatch):
    """How often panels were counted."""
    found, really = [], registry.counted_for_all
    monkeypatch.setattr(
        views.registry, "counted_for_all", lambda lens: found.append(lens.user.pk) or really(lens)
    )
    return found


def test_pages_that_stand_open_share_one_count_and_one_that_is_opened_does_not(deals, monkeypatch):
    boss, second = f.make_admin(), f.make_admin("Ida Second")
    old = [page_of(person) for person in (boss, second, boss)]
    found = counts(monkeypatch)
    f.make_deal(deals[0].pipeline, deals[0].owner, amount=77_000)
    first = page_of(boss, since=old[0].version)
    assert found == [] and first.version == old[2].version, (
        "what was counted for the third is new to the first"
    )
    moment = shared._now() + 20_000
    monkeypatch.setattr(shared, "_now", lambda: moment)
    pages = [page_of(person, since=old[2].version) for person in (boss, second, boss)]
    assert found == [boss.pk] and len({page.version for page in pages}) == 1
    assert len({grid(page) for page in pages}) == 1 and "€77k" in grid(pages[1])
    assert [is_told(page) for page in pages] == [False] * 3 and is_told(old[1])
    page_of(second)
    assert found == [boss.pk, second.pk], "opened, a page is as things stand"


def grid(client):
    return client.page.partition('<div class="grid">')[2].partition("</main>")[0]


def test_nobody_is_handed_what_others_may_see(deals, monkeypatch):
    boss, moment = f.make_admin(), shared._now()
    owner = deals[0].owner
    old = page_of(boss), page_of(owner), page_of(deals[1].owner), page_of(boss, owner=owner.pk)
    monkeypatch.setattr(shared, "_now", lambda: moment + 20_000)
    found = counts(monkeypatch)
    for page in old:
        page_of(page_owner(page), since=page.version, **page.asked)
    assert found == [boss.pk, owner.pk, deals[1].owner_id, boss.pk], "each its own"


def page_owner(page):
    return User.objects.get(pk=page.session["_auth_user_id"])


def test_what_waits_for_one_person_is_not_shown_to_another_who_sees_the_same(deals):
    lens = Lens.from_query(f.make_admin(), {}, timezone.now())
    found = registry.counted_for_all(lens)
    shown = registry.with_personal(found, lens)
    own = [item["panel"].key for item, one in zip(shown, found, strict=True) if one is None]
    assert own == ["decide"]
    assert [item["panel"].key for item in shown] == [panel.key for panel in registry.shown_to(lens.user)]


@pytest.mark.parametrize(
    "took, every, held", [(0.1, 6000, 2), (0.7, 6000, 2.1), (5, 40_000, 15), (90, 120_000, 60)]
)
def test_where_counting_is_slow_a_page_asks_less_often(monkeypatch, took, every, held):
    one = shared.Counted("word", [], 1_000_000, took)
    assert one.every == every and one.every >= 1000 * held
    for later, is_new in ((held * 1000 - 1, True), (held * 1000 + 1, False), (-1, False)):
        monkeypatch.setattr(shared, "_now", lambda later=later: 1_000_000 + later)
        assert one.is_new is is_new


def test_while_one_counts_others_get_what_is_known_and_wait_for_nothing(deals, monkeypatch):
    lens = Lens.from_query(f.make_admin(), {}, timezone.now())
    known = shared.counted(lens, lambda: ["old"])
    monkeypatch.setattr(shared, "_now", lambda: known.made + 60_000)
    started, go_on, found = threading.Event(), threading.Event(), []
    monkeypatch.setattr(shared.freshness, "version", lambda lens: "word")

    def count():
        started.set()
        go_on.wait(10)
        return ["new"]

    other = threading.Thread(target=lambda: found.append(shared.counted(lens, count, known.version)))
    other.start()
    started.wait(10)
    assert shared.counted(lens, None, known.version) is known
    go_on.set()
    other.join()
    assert found[0].panels == ["new"]
    assert shared.counted(lens, None, known.version) is found[0]


def test_asking_sends_as_many_statements_for_many_deals_as_for_few(deals):
    def asked():
        page = page_of(deals[0].owner)
        with CaptureQueriesContext(connection) as captured:
            assert not is_told(page)
        return len(captured)

    few = asked()
    for _number in range(4):
        f.log_call(f.make_deal(deals[0].pipeline, deals[0].owner))
    assert asked() == few
