"""Rows I5 and I6: what the engine does while others write. A lock less, and one of these fails."""

import threading
import time
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import takewhile

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automations import setbacks
from automations.models import Setback
from automations.sweep import sweep
from deals import activities, handover, lapses, moves
from deals.asking import exceptions
from deals.evidence import measures
from deals.models import BulkRun, Deal, Firing, Kind, Source
from deals.people import people_changed
from deals.publishing import scheduled
from deals.runs import bulk
from deals.tightening import binding
from deals.tightening.changes import Changes
from deals.timers import due_stored
from pipeline.process import process_of
from pipeline.snapshots import draft_digest

from .. import clockwork as c
from .. import factories as f
from .. import publications as p
from .test_concurrency import all_at_once, chain_is_whole
from .world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine("postgresql")]
LONGEST = 20
# Who waits for this connection's locks.
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"


def reply(deal, now):
    contact = deal.company.contacts.get()
    activities.log(
        deal.pk, by=deal.owner, kind="email", direction="in", happened_at=now, attendees=[contact], now=now
    )


def while_another(writes, then):
    """`writes` in a transaction that stays open until `then`, begun meanwhile, is over or waits. What that gave."""
    written, ended = threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            writes()
            written.set()
            over_or_waiting(ended)

    def second():
        written.wait(LONGEST)
        try:
            return then()
        finally:
            ended.set()

    results = all_at_once([first, second])
    assert not [result for result in results if isinstance(result, Exception)], results
    return results[1]


def over_or_waiting(ended):
    """Until the other is at its end, or at a lock of ours."""
    until = time.monotonic() + LONGEST
    with connection.cursor() as cursor:
        while not ended.is_set() and time.monotonic() < until:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)


def test_a_deal_whose_reply_is_being_saved_is_left_to_the_next_sweep():
    """I5: the sweep waits for nobody and archives nothing that just answered."""
    (deal,), now = c.last_day(1)
    done = while_another(lambda: reply(deal, now), lambda: sweep(now))
    assert not done and Deal.objects.get(pk=deal.pk).status == "open"
    assert not Firing.objects.filter(deal=deal, action="archive").exists()


def test_dates_computed_anew_do_not_write_over_what_a_reply_just_changed():
    """I6: the daily check waits for the reply and counts from it."""
    (deal,), now = c.last_day(1)
    Deal.objects.filter(pk=deal.pk).update(next_due_at=now + timedelta(days=90))  # as of another calendar
    while_another(lambda: reply(deal, now), lambda: due_stored.follow_many(Deal.objects.all()))
    stored = Deal.objects.get(pk=deal.pk)
    due_stored.follow_many(Deal.objects.all())
    again = Deal.objects.get(pk=deal.pk)
    assert (stored.next_due_at, stored.next_due_rule) == (again.next_due_at, again.next_due_rule)


def test_an_archive_of_many_waits_for_a_move_and_leaves_a_deal_that_is_closed_by_it():
    """B06"""
    w = World()
    result = while_another(
        lambda: moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep),
        lambda: moves.move_many([w.deal.pk], Kind.ARCHIVE, source=Source.RULE),
    )
    assert result == [] and w.deal.transitions.filter(kind=Kind.ARCHIVE).count() == 1 and chain_is_whole()


def test_each_failure_of_a_deal_is_counted_however_many_workers_fail_at_once():
    (deal,), now = c.last_day(1)
    results = all_at_once([lambda: setbacks.set_aside(deal.pk, ValueError("a page is missing"), now)] * 6)
    assert results == [1] * 6 and Setback.objects.get().attempts == 6


def test_two_who_work_on_one_bulk_run_do_each_deal_once():
    """B06"""
    w = World()
    deals = [f.make_deal(w.other, owner=w.rep) for _ in range(4)]
    stage, now = process_of(w.other).stages[1].stage_id, timezone.now()
    chosen = [(deal.pk, deal.seq) for deal in deals]
    token = BulkRun._meta.get_field("token").get_default()
    run = bulk.ask("move", {"to": str(stage)}, chosen, by=w.rep, token=token, now=now)
    all_at_once([lambda: bulk.work_off(run, now, LONGEST)] * 4)
    assert {item.outcome for item in run.items.all()} == {"done"}
    assert chain_is_whole()


def test_several_ticks_publish_once():
    """A draft whose time has come is put in force by one of them, and is nobody's to put in force again."""
    shop, tomorrow = Shop(), timezone.now() + timedelta(days=1)
    p.edit(shop.pipeline, "score", minimum=Decimal(6))
    shop.schedule_a_publication()()
    results = all_at_once([lambda: scheduled.publish_due(tomorrow)] * 4)
    assert sorted(results) == [(0, 0)] * 3 + [(1, 0)]
    assert shop.pipeline.versions.count() == 2


# What is read, judged and written as a whole is locked before the first of it is read


WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")


def locked_by(act):
    """The tables of which `act` locks rows before it writes anything."""
    with CaptureQueriesContext(connection) as seen:
        act()
    before = takewhile(lambda sql: not sql.startswith(WRITES), (query["sql"] for query in seen))
    locking = [sql for sql in before if " FOR UPDATE" in sql or " FOR NO KEY UPDATE" in sql]
    return {sql.split(' FROM "')[1].split('"')[0] for sql in locking}


class Shop:
    """A process with a tightened criterion that spares a deal until a day, and people."""

    def __init__(self):
        self.rep, self.boss, self.now = f.make_user(), f.make_admin(), timezone.now()
        self.pipeline = f.make_pipeline(stages=p.STAGES)
        self.deal = f.next_step(f.make_deal(self.pipeline, owner=self.rep, stage="Two"))
        self.contact = self.deal.company.contacts.first()
        self.later = f.today() + timedelta(days=5)

    @property
    def process(self):
        return process_of(type(self.pipeline).objects.select_related("version").get(pk=self.pipeline.pk))

    # Each prepares what it takes and returns what is to be done.

    def hand_over(self):
        return partial(handover.hand_over, self.rep, f.make_user("Piet Olen"), by=self.boss)

    def recount_what_lapsed(self):
        Deal.objects.update(stands_until=f.today() - timedelta(days=1))
        return partial(lapses.recount_lapsed, self.now)

    def bind_what_was_spared(self):
        criterion = p.edit(self.pipeline, "score", minimum=Decimal(6))
        p.published(self.pipeline, {criterion.pk: self.later})
        return partial(binding.end, self.process, self.later)

    def mend_exceptions(self):
        Deal.objects.update(exception_until=self.later)
        return partial(exceptions.mend, Changes(self.process, self.process), [self.deal.pk], self.now)

    def change_a_person(self):
        return partial(people_changed.lock_around, self.contact.pk)

    def read_texts(self):
        return measures.read_some

    def ask_for_an_exception(self):
        seen, to = f.fresh(self.deal).seq, self.process.stages[-1].stage_id
        reason = "The plant stands still until May."
        return partial(exceptions.ask, self.deal.pk, to=to, seen_seq=seen, by=self.rep, reason=reason)

    def schedule_a_publication(self):
        at, digest = self.now + timedelta(days=1), draft_digest(self.pipeline)
        how = {"at": at, "digest": digest, "by": self.boss, "note": "", "binding": {}, "now": self.now}
        return partial(scheduled.schedule, self.pipeline, **how)


LOCKS = {
    "hand_over": {"deals_deal", "team_user"},
    "recount_what_lapsed": {"deals_deal"},
    "bind_what_was_spared": {"deals_deal"},
    "mend_exceptions": {"deals_deal"},
    "change_a_person": {"deals_contact"},
    "read_texts": {"team_organisation"},
    "ask_for_an_exception": {"team_user"},
    "schedule_a_publication": {"pipeline_pipeline"},
}


@pytest.mark.parametrize("name", LOCKS)
def test_what_many_rows_rest_on_is_locked_before_it_is_read(name):
    act = getattr(Shop(), name)()
    with transaction.atomic():
        assert locked_by(act) >= LOCKS[name]
