"""Whom would other timers reach today? Asked by managers and admins, answered without changing anything."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from deals import clocks
from deals.models import Deal
from pipeline.models import Rule
from pipeline.process import process_of
from pipeline.publishing import publish
from team.models import Organisation

from .. import factories as f
from ..browser import DESKTOP, PHONE
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline():
    return f.make_pipeline()


@pytest.fixture
def manager(client):
    manager = f.make_manager()
    client.force_login(manager)
    return manager


def silent(pipeline, days, waiting=None, **fields):
    """A deal whose buyer did something so many days ago, and which waits for an answer since."""
    deal, now = f.make_deal(pipeline, amount=Decimal(1000), **fields), timezone.now()
    Deal.objects.filter(pk=deal.pk).update(
        last_buyer_activity_at=now - timedelta(days=days),
        awaiting_since=None if waiting is None else now - timedelta(days=waiting),
    )
    return deal


def rows(client, pipeline, **days):
    answer = client.get(reverse("what_if", args=[pipeline.slug]), days)
    assert answer.status_code == 200
    return {row.key: row for row in answer.context["rows"]}


def test_a_shorter_archive_would_reach_the_deals_silent_that_long(client, manager, pipeline):
    for days in (10, 19, 20, 25, 30, 31):
        silent(pipeline, days)
    row = rows(client, pipeline, archive=20)["archive"]
    assert (row.now.count, row.then.count, row.more, row.more_money) == (2, 4, 2, 2000)


def test_deals_in_a_stage_with_a_timer_of_its_own_obey_that_one(client, manager, pipeline):
    silent(pipeline, 25)
    silent(pipeline, 25, stage="Discover")
    own = Rule.objects.get(pipeline=pipeline, key="archive")
    own.pk, own.stage, own.days, own._state.adding = None, f.stage_of(pipeline, "Discover"), 60, True
    own.save()
    publish(pipeline, by=pipeline.process_owner, note="Discover takes longer")
    assert rows(client, pipeline, archive=20)["archive"].then.count == 1


def test_the_marks_of_the_cards_clock_mean_the_same(client, manager, pipeline):
    deals = [silent(pipeline, days, waiting=days) for days in range(0, 34)]
    organisation, process, today = Organisation.current(), process_of(pipeline), f.today()
    due = {"follow_up": 0, "re_engage": 0, "archive": 0}
    for deal in deals:
        for mark in clocks.face(f.fresh(deal), process, organisation):
            due[mark.key] += mark.day <= today
    assert {key: row.now.count for key, row in rows(client, pipeline).items()} == due


def test_a_closed_deal_and_one_that_awaits_nothing_are_not_reached(client, manager, pipeline):
    from deals import moves

    gone = silent(pipeline, 60, waiting=60)
    moves.archive(gone.pk, seen_seq=f.fresh(gone).seq, by=None)
    silent(pipeline, 60)
    found = rows(client, pipeline)
    assert (found["archive"].now.count, found["re_engage"].now.count) == (1, 0)


def test_a_manager_counts_the_deals_of_their_teams_and_an_admin_all(client, manager, pipeline):
    silent(pipeline, 60)
    silent(pipeline, 60, owner=f.make_user("Odd Farne", team="South"), team=f.make_team("South"))
    assert rows(client, pipeline)["archive"].now.count == 1
    client.force_login(f.make_admin("Ines Halvard"))
    assert rows(client, pipeline)["archive"].now.count == 2


@pytest.mark.parametrize("name", ["what_if", "effect"])
def test_a_rep_is_told_whose_business_it_is(client, pipeline, name):
    client.force_login(f.make_user())
    assert client.get(reverse(name, args=[pipeline.slug])).status_code == 403


@pytest.mark.parametrize("days", ["0", "-1", "366", "x", "9" * 40, "1.5"])
def test_days_that_are_none_are_refused_beside_their_field(client, manager, pipeline, days):
    before = fingerprint()
    answer = client.get(reverse("what_if", args=[pipeline.slug]), {"archive": days})
    assert answer.status_code == 422 and days in answer.content.decode() and fingerprint() == before


@pytest.mark.parametrize("name", ["what_if", "effect"])
def test_looking_writes_nothing_and_nothing_can_be_posted(client, manager, pipeline, name):
    silent(pipeline, 60)
    before = fingerprint()
    url = reverse(name, args=[pipeline.slug])
    assert client.get(url).status_code == 200 and client.post(url).status_code == 405
    assert fingerprint() == before


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize("name", ["what_if", "effect"])
def test_the_pages_have_no_barriers(axe, open_page, pipeline, name, size):
    f.add_criterion(f.stage_of(pipeline, "Qualify"), "pain", "yes_no")
    f.next_step(f.make_deal(pipeline, stage="Discover"))
    page = open_page(reverse(name, args=[pipeline.slug]), f.make_admin("Ines Halvard"), size)
    assert axe(page) == []
