"""Silence: a follow-up after five business days, re-engagement after fourteen, the archive after thirty."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from deals.models import Deal, Firing, Kind, Status, Task
from pipeline.models import Pipeline
from pipeline.process import process_of
from team.models import Organisation

from .. import clockwork as c
from .. import factories as f

pytestmark = pytest.mark.django_db
BEFORE = timedelta(seconds=1)


@pytest.fixture(scope="module")
def made(kept):
    return c.seven_stages().pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


@pytest.fixture
def sent(pipeline):
    """A proposal sent on Monday 2 November 2026 at ten."""
    deal = c.quiet_deal(pipeline)
    c.proposal(deal)
    return deal


def status(deal):
    return Deal.objects.get(pk=deal.pk).status


def test_a_proposal_unanswered_for_five_business_days_makes_one_task_for_who_acts_next(sent):
    due = c.midnight(date(2026, 11, 9))
    assert not c.swept(due - BEFORE)
    assert c.swept(due).tasks == 1
    assert not c.swept(due + timedelta(hours=5))
    task = Task.objects.get()
    assert (task.assignee, task.due_on, task.deal) == (sent.next_owner, date(2026, 11, 9), sent)
    assert "2 Nov" in task.purpose and "5 business days" in task.purpose


def test_a_holiday_between_puts_the_follow_up_off(pipeline):
    Organisation.objects.update(holiday_country="DE", holiday_region="BY")
    deal = c.quiet_deal(pipeline, at=c.days(-5))  # Wednesday 28 October: 1 November is a Sunday there
    c.proposal(deal, at=c.days(-5))
    assert not c.swept(c.midnight(date(2026, 11, 4), "UTC") - BEFORE)
    assert c.swept(c.midnight(date(2026, 11, 4))).tasks == 1


def test_after_fourteen_days_the_deal_re_engages_in_its_stage_and_an_attempt_is_to_do(sent):
    stage = sent.stage_id
    c.swept(c.midnight(date(2026, 11, 9)))
    assert not c.swept(c.midnight(date(2026, 11, 16)) - BEFORE)
    assert c.swept(c.midnight(date(2026, 11, 16))).re_engaged == 1
    deal = Deal.objects.get(pk=sent.pk)
    row = deal.transitions.latest("seq")
    assert (deal.status, deal.stage_id, row.kind, row.source) == (
        "re_engaging",
        stage,
        Kind.RE_ENGAGE,
        "rule",
    )
    assert "2 Nov" in row.reason
    assert Task.objects.unfinished().filter(rule_key="re_engage").count() == 1


def test_the_archive_comes_after_both_attempts_and_their_windows(sent):
    for day in (9, 16, 24):
        c.swept(c.midnight(date(2026, 11, day)))
    assert c.fired(sent) == [
        ("follow_up", date(2026, 11, 9)),
        ("re_engage", date(2026, 11, 16)),
        ("re_engage_2", date(2026, 11, 24)),
    ]
    assert not c.swept(c.midnight(date(2026, 12, 2)) - BEFORE)
    assert c.swept(c.midnight(date(2026, 12, 2))).archived == 1
    deal = Deal.objects.get(pk=sent.pk)
    assert (deal.status, deal.next_due_at, Task.objects.unfinished().count()) == ("archived", None, 0)
    assert set(Task.objects.values_list("cancelled_why", flat=True)) == {"closed"}


def test_attempts_that_came_late_have_their_whole_window_before_the_archive(sent):
    late = c.days(60)
    done = c.swept(late)
    assert (done.tasks, done.re_engaged, done.archived) == (1, 1, 0)
    assert c.swept(late + timedelta(days=8)).tasks == 1
    assert c.swept(late + timedelta(days=15, hours=13)).archived == 0
    assert c.swept(late + timedelta(days=16)).archived == 1


def test_without_a_proposal_the_days_of_the_archive_run_before_the_attempts(pipeline):
    deal = c.quiet_deal(pipeline)
    assert not c.swept(c.midnight(date(2026, 12, 2)) - BEFORE)
    assert c.swept(c.midnight(date(2026, 12, 2))).re_engaged == 1
    c.swept(c.midnight(date(2026, 12, 10)))
    assert not c.swept(c.midnight(date(2026, 12, 18)) - BEFORE)
    assert c.swept(c.midnight(date(2026, 12, 18))).archived == 1
    assert status(deal) == Status.ARCHIVED


def test_a_note_of_ours_on_day_29_changes_nothing_and_a_mail_of_the_buyer_does(pipeline):
    ours, theirs = c.quiet_deal(pipeline), c.quiet_deal(pipeline)
    from deals import activities

    activities.log(
        ours.pk, by=ours.owner, kind="note", happened_at=c.days(29), now=c.days(29), body="Still hoping"
    )
    c.reply(theirs, c.days(29))
    assert c.swept(c.days(30)).re_engaged == 1
    assert (status(ours), status(theirs)) == (Status.RE_ENGAGING, Status.OPEN)


def test_a_reply_cancels_what_is_left_to_do_and_says_so(sent):
    c.swept(c.midnight(date(2026, 11, 9)))
    c.reply(sent, c.days(8))
    task = Task.objects.get()
    assert (task.cancelled_why, task.get_cancelled_why_display()) == ("reply", "Cancelled by reply")
    assert not c.swept(c.days(29))


def test_a_reply_brings_a_re_engaging_deal_back_to_its_stage(sent):
    c.swept(c.days(14))
    c.reply(sent, c.days(15))
    deal = Deal.objects.get(pk=sent.pk)
    assert (deal.status, deal.stage_id, deal.transitions.latest("seq").kind) == (
        "open",
        sent.stage_id,
        Kind.RETURN,
    )
    assert Task.objects.unfinished().count() == 0


def test_a_reply_that_arrives_after_the_archive_reopens_the_deal(sent):
    for day in (7, 14, 22, 30):
        c.swept(c.midnight((c.MONDAY + timedelta(days=day)).date()))
    assert status(sent) == Status.ARCHIVED
    c.reply(sent, c.days(30))
    deal = Deal.objects.get(pk=sent.pk)
    assert (deal.status, deal.stage_id) == (Status.OPEN, sent.stage_id)
    assert (deal.closed_at, deal.transitions.latest("seq").kind) == (None, Kind.REOPEN)


def test_a_deal_somebody_archived_by_hand_stays_archived_when_the_buyer_writes(sent):
    from deals import moves

    moves.archive(sent.pk, seen_seq=1, by=sent.owner, reason="They merged with another company")
    c.reply(sent, c.days(1))
    assert status(sent) == Status.ARCHIVED


def test_from_a_set_amount_on_a_manager_is_asked_instead(pipeline):
    manager = f.make_manager()
    deal = c.quiet_deal(pipeline, amount=250_000)
    for day in (30, 38, 46):
        c.swept(c.midnight(c.days(day).date()))
    assert (status(deal), Firing.objects.get(key="archive").state) == (Status.RE_ENGAGING, "asked")
    assert manager.notices.filter(text__contains="waits for your word").count() == 1
    assert not c.swept(c.days(90))


def test_a_scheduler_that_was_down_does_each_thing_once_and_in_order(sent):
    c.swept(c.days(17))
    assert [key for key, _day in c.fired(sent)] == ["follow_up", "re_engage"]
    assert not c.swept(c.days(17))


def test_more_than_the_share_of_a_pipeline_is_held_until_a_manager_says_so(pipeline):
    from automations import holds
    from automations.models import Hold

    manager = f.make_manager()
    deals = [c.quiet_deal(pipeline) for _number in range(12)]
    for day in (30, 38):
        c.swept(c.midnight(c.days(day).date()))
    done = c.swept(c.days(46))
    assert (done.archived, len(done.held), {status(deal) for deal in deals}) == (0, 1, {"re_engaging"})
    assert not c.swept(c.days(46))
    holds.release(Hold.objects.get().pk, by=manager, now=c.days(46))
    assert c.swept(c.days(46)).archived == 12


@pytest.mark.parametrize(
    ("count", "hours", "archived"),
    [
        (12, 1, 12),
        pytest.param(11, 1, 0, id="more than were named"),
        pytest.param(12, 25, 0, id="too long ago"),
    ],
)
def test_a_managers_word_lets_as_many_go_as_were_named_for_a_day(pipeline, count, hours, archived):
    from automations.models import Hold

    for _number in range(12):
        c.quiet_deal(pipeline)
    for day in (30, 38):
        c.swept(c.midnight(c.days(day).date()))
    then = c.days(46) - timedelta(hours=hours)
    Hold.objects.create(
        reason="mass", pipeline=pipeline, held_at=then, released_at=then, details={"count": count, "live": 12}
    )
    assert c.swept(c.days(46)).archived == archived
    assert Hold.objects.filter(released_at=None).exists() != bool(archived)


def test_one_deal_that_cannot_be_swept_stops_nobody_else(pipeline, monkeypatch):
    from automations import acts
    from automations.models import Setback

    broken, fine = c.quiet_deal(pipeline), c.quiet_deal(pipeline)
    for deal in (broken, fine):
        c.proposal(deal)
    whole = acts.task_of

    def failing(act, people, now):
        if act.deal.pk == broken.pk:
            raise ValueError("a page of it is missing")
        return whole(act, people, now)

    monkeypatch.setattr(acts, "task_of", failing)
    done = c.swept(c.days(8))
    assert (done.tasks, done.failed, Task.objects.get().deal) == (1, 1, fine)
    assert "a page of it is missing" in Setback.objects.get(deal=broken).error
    monkeypatch.undo()
    assert not c.swept(c.days(8))
    assert c.swept(c.days(9)).tasks == 1
    assert not Setback.objects.exists()


def test_a_process_that_cannot_be_read_holds_up_its_own_deals_alone(pipeline, monkeypatch):
    from automations import claiming
    from automations.models import Setback

    unreadable = f.make_pipeline("Renewals")
    fine, held = c.quiet_deal(pipeline), c.quiet_deal(unreadable)
    for deal in (fine, held):
        c.proposal(deal)
    Deal.objects.filter(pk=held.pk).update(next_due_at=c.days(2))
    known = claiming.process_known

    def failing(token, pipeline_id):
        if pipeline_id == unreadable.pk:
            raise ValueError("a line of it is missing")
        return known(token, pipeline_id)

    monkeypatch.setattr(claiming, "process_known", failing)
    done = c.swept(c.days(8))
    assert (done.tasks, done.failed, Task.objects.get().deal) == (1, 1, fine)
    assert "a line of it is missing" in Setback.objects.get(deal=held).error


def test_a_shadow_rule_only_notes_what_it_would_have_done(pipeline):
    from pipeline.publishing import publish

    pipeline.rules.filter(key="re_engage", stage=None).update(is_shadow=True)
    publish(pipeline, by=f.make_admin(), note="try it first")
    deal = c.quiet_deal(pipeline)
    c.proposal(deal)
    c.swept(c.days(7))
    assert c.swept(c.days(14)).shadow == 1
    assert (status(deal), Firing.objects.get(key="re_engage").state) == (Status.OPEN, "shadow")


def test_days_of_a_pause_are_not_silence_and_it_ends_by_itself(sent):
    from automations import waits
    from deals import moves

    moves.pause(sent.pk, seen_seq=1, by=sent.owner, reason="On leave", until="2026-11-13", now=c.days(1))
    assert not c.swept(c.days(9))
    assert waits.resume_due(c.days(10)) == 0
    assert waits.resume_due(c.days(11)) == 1
    assert status(sent) == Status.OPEN
    assert not c.swept(
        c.midnight(date(2026, 11, 19)) - BEFORE
    )  # ten days later: 12 November, then five business days
    assert c.swept(c.midnight(date(2026, 11, 19))).tasks == 1


def test_an_admin_who_publishes_other_days_changes_what_the_next_run_does(pipeline):
    from pipeline.publishing import publish

    deal = c.quiet_deal(pipeline)
    pipeline.rules.filter(key="archive", stage=None).update(days=45)
    publish(pipeline, by=f.make_admin(), note="longer")
    assert not c.swept(c.days(44))
    assert c.swept(c.days(45)).re_engaged == 1
    assert status(deal) == Status.RE_ENGAGING


def test_a_claimed_deal_has_all_that_its_days_rest_on(pipeline):
    """The sweep reads a plain value in place of the deal; what is due for it is what the deal itself says."""
    from automations.claiming import Claimed, claim
    from deals.timers import due_stored

    deal, now = c.quiet_deal(pipeline), c.MONDAY + timedelta(days=9)
    c.proposal(deal)
    assert {*due_stored.READ} <= {*Claimed.__slots__}
    with transaction.atomic():
        (claimed,), fired = claim(now, 10)
    deal, process = f.fresh(deal), process_of(pipeline)
    assert {name: getattr(claimed, name) for name in due_stored.READ} == {
        name: getattr(deal, name) for name in due_stored.READ
    }
    due = due_stored.soonest(claimed, claimed.process, fired)
    assert due and due == due_stored.coming(deal, process, {})[0]


def test_a_claimed_deal_goes_only_where_the_machine_lets_it(pipeline):
    from automations.claiming import claim

    c.proposal(c.quiet_deal(pipeline))
    with transaction.atomic():
        (claimed,), _fired = claim(c.MONDAY + timedelta(days=9), 10)
    claimed.follow("re_engage")
    assert (claimed.status, claimed.seq) == ("re_engaging", 2)
    with pytest.raises(ValueError, match="not legal"):
        claimed.follow("re_engage")
