"""Follow-ups due, on time, late, missed and cancelled; evidence in the buyer's own hand; gates by exception."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from deals import activities, moves
from deals.answers import save
from deals.models import CancelledWhy, Deal, Kind, Task
from insights.attention import discipline
from insights.lens import Lens
from insights.panels import discipline as panel
from pipeline.vocabulary import Evidence
from pipeline.vocabulary import Kind as CriterionKind

from .. import factories as f

_number = itertools.count()
pytestmark = pytest.mark.django_db


def lens_of(user, **asked):
    return Lens.from_query(user, asked, timezone.now())


def figures(user, **asked):
    """{name of the person: Person}"""
    return {person.user.name: person for person in discipline.people(lens_of(user, **asked))}


@pytest.fixture
def boss():
    return f.make_admin()


def test_a_note_of_ours_puts_nobody_on_the_sheet(boss):
    deal = f.make_deal(f.make_pipeline(), f.make_user("Karl Ost"))
    Deal.objects.update(created_at=timezone.now() - timedelta(days=400))
    moves.archive(deal.pk, seen_seq=1, by=None)
    activities.log(deal.pk, by=boss, kind="note", body="Filed", happened_at=timezone.now())
    assert "Karl Ost" not in figures(boss)


@pytest.fixture
def pipeline(boss):
    return f.make_pipeline("New business", stages=f.OPEN_GATES, owner=boss)


@pytest.fixture
def mara(boss):
    return f.make_user("Mara Kessel")


def task(deal, due, done=None, cancelled="", rule="follow_up", who=None):
    now, day = timezone.now(), f.today() - timedelta(days=due)
    ended = None if done is None else now - timedelta(days=done)
    columns = {"cancelled_at": now, "cancelled_why": cancelled} if cancelled else {"done_at": ended}
    key = f"{rule}_{next(_number)}" if rule else ""
    return Task.objects.create(
        deal=deal,
        assignee=who or deal.owner,
        title="Follow up",
        due_on=day,
        created_at=now,
        rule_key=key,
        **columns,
    )


def test_follow_ups_are_on_time_late_missed_or_cancelled_by_reply(boss, pipeline, mara):
    deal = f.make_deal(pipeline, owner=mara)
    for due, done in ((9, 10), (9, 9), (9, 8), (9, 3), (9, None), (2, None), (0, None), (-3, None)):
        task(deal, due, done)
    task(deal, 4, cancelled=CancelledWhy.REPLY)
    task(deal, 4, cancelled=CancelledWhy.MOVED)
    task(deal, 5, 1, rule="")  # given by hand
    task(deal, 200, 1)  # before the period
    row = figures(boss)["Mara Kessel"]
    assert (row.due, row.on_time, row.late, row.missed) == (6, 2, 2, 2)
    assert (row.cancelled, row.open, row.on_time_share) == (1, 1, 33)


def test_a_task_counts_for_whom_it_was_given_to(boss, pipeline, mara):
    tom = f.make_user("Tom Averell")
    deal = f.make_deal(pipeline, owner=mara)
    task(deal, 3, 3, who=tom)
    task(deal, 3, rule="", who=tom)
    assert (figures(boss)["Tom Averell"].on_time, figures(boss)["Tom Averell"].late_tasks) == (1, 1)
    assert figures(boss, owner=str(tom.pk))["Tom Averell"].on_time == 1
    assert "Tom Averell" not in figures(boss, owner=str(mara.pk))


def test_the_buyers_own_hand_is_told_apart_from_what_was_reported(boss, mara):
    criteria = [
        ("said", CriterionKind.YES_NO, {"evidence": Evidence.WHO}),
        ("mailed", CriterionKind.YES_NO, {"evidence": Evidence.WORDS}),
        ("signed", CriterionKind.FILE_OR_LINK, {"evidence": Evidence.OWN}),
        ("claimed", CriterionKind.YES_NO, {"evidence": Evidence.OWN}),
    ]
    pipeline = f.make_pipeline(stages={"Qualify": criteria, "Close": []}, owner=boss)
    deal = f.make_deal(pipeline, owner=mara)
    found = {d.slug: d for d in f.process_of(pipeline).criteria_of_all()}
    for slug in ("said", "mailed", "signed"):
        item = f.good_answer(deal, found[slug])
        item.words = "Yes, that is how we see it here" if slug == "mailed" else item.words
        save(deal.pk, [item], by=mara)
    item = f.good_answer(deal, found["claimed"])
    item.file = None
    save(deal.pk, [item], by=mara)  # not enough: it opens nothing
    row = figures(boss)["Mara Kessel"]
    assert (row.confirmed, row.own_hand, row.own_share) == (3, 1, 33)
    yesterday = (f.today() - timedelta(days=1)).isoformat()
    assert (
        figures(boss, period="own", **{"from": "2026-01-01", "to": yesterday})["Mara Kessel"].confirmed == 0
    )


def test_gates_passed_by_exception_and_two_in_a_day_are_counted(boss, mara):
    pipeline = f.make_pipeline(stages=f.OPEN_GATES, owner=boss)
    hurried = f.make_deal(pipeline, owner=mara)
    for stage in ("Discover", "Propose"):
        hurried = f.walk_to(hurried, stage)
    f.walk_to(f.make_deal(pipeline, owner=mara), "Discover")
    found = figures(boss)["Mara Kessel"]
    assert (found.moves, found.by_exception, found.two_gates, found.clean_share) == (3, 0, 1, 100)


def test_a_jump_over_a_stage_is_two_gates_in_a_day(boss, mara):
    from deals import moves

    deal = f.make_deal(f.make_pipeline(stages=f.OPEN_GATES, owner=boss), owner=mara)
    moves.advance(deal.pk, seen_seq=deal.seq, by=mara, to=f.stage_of(deal.pipeline, "Propose").pk)
    assert figures(boss)["Mara Kessel"].two_gates == 1


def test_open_exceptions_and_missing_steps_are_those_of_now(boss, pipeline, mara):
    deals = [f.next_step(f.make_deal(pipeline, owner=mara, amount=Decimal(n)), days=9) for n in range(1, 5)]
    Deal.objects.filter(pk=deals[0].pk).update(exception_until=f.today())
    Deal.objects.filter(pk=deals[1].pk).update(next_step="")
    Deal.objects.filter(pk=deals[2].pk).update(next_step_on=f.today() - timedelta(days=20))
    found = figures(boss)["Mara Kessel"]
    assert (found.exceptions, found.no_step) == (1, 2)
    lens, behind = lens_of(boss), panel.PANEL.behind
    assert list(behind["exceptions"].deals(lens, str(mara.pk))) == [deals[0]]
    assert set(behind["no_step"].deals(lens, str(mara.pk))) == set(deals[1:3])


def test_what_is_recorded_more_than_two_business_days_later_is_late(boss, pipeline, mara):
    deal = f.make_deal(pipeline, owner=mara)
    person = f.make_contact(deal.company)
    for days in (0, 8):
        moment = timezone.now() - timedelta(days=days)
        activities.log(deal.pk, by=mara, kind="call", happened_at=moment, attendees=[person])
    found = figures(boss)["Mara Kessel"]
    assert (found.acts, found.recorded_late) == (2, 1)


def test_the_panel_the_sheet_and_the_page_of_a_person_say_the_same(boss, pipeline, mara, client):
    tom = f.make_user("Tom Averell")
    for who, done in ((mara, 8), (tom, 9)):
        task(f.make_deal(pipeline, owner=who), 9, done)
    client.force_login(boss)
    page = client.get("/dashboard/").content.decode()
    assert page.index("Tom Averell</a>") < page.index("Mara Kessel</a>")  # on time first
    assert "<b>100%</b></a>" in page and "0 of 1" in page
    sheet = client.get(reverse("panel_csv", args=["discipline"])).content.decode("utf-8-sig").splitlines()
    assert sheet[1].startswith("Tom Averell,1,1,0,0,0,") and sheet[2].startswith("Mara Kessel,1,0,1,0,0,")
    own = client.get(f"/dashboard/people/{mara.pk}/").content.decode()
    assert '<th scope="row">Late</th><td class="n">1</td>' in own


def test_a_rep_does_not_see_who_follows_up_how(pipeline, mara, client):
    client.force_login(mara)
    assert "Follow-ups on time" not in client.get("/dashboard/").content.decode()
    assert client.get(reverse("panel_csv", args=["discipline"])).status_code == 404


def test_as_many_statements_for_many_people_as_for_one(boss, pipeline, mara, django_assert_num_queries):
    for number in range(2):
        lens = lens_of(boss)
        assert lens.today and lens.grace and lens.since and lens.until
        for name in ("Ann", "Bea", "Cora")[: 1 + 2 * number]:
            task(f.make_deal(pipeline, owner=f.make_user(f"{name} {number}")), 3, 1)
        with django_assert_num_queries(7):
            assert len(panel.of(lens).people) == 1 + 3 * number


def test_nothing_is_a_share_of_nothing():
    assert discipline.share(0, 0) is None and discipline.share(1, 3) == 33 and discipline.share(2, 3) == 67
    assert {Kind.ADVANCE, Kind.EXCEPTION} < set(Kind)
