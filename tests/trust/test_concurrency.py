"""Row B06: many at once. One move wins, the others are told so, and nobody sees an error of the database."""

import threading
import time
from collections import Counter

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.urls import reverse

from deals import answers, moves
from deals.models import Deal, Transition
from deals.moves import ledger
from pipeline.process import process_of
from pipeline.publishing import publish
from pipeline.vocabulary import Kind

from .. import factories as f
from ..fingerprint import fingerprint
from .world import World, sql

pytestmark = pytest.mark.django_db(transaction=True)
CROWD, MANY = 20, 100


def all_at_once(jobs):
    """Run the jobs in threads that start together. Returns what each returned, or the error it raised."""
    gate, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(number, job):
        try:
            gate.wait(30)
            results[number] = job()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


def counted(results):
    return Counter(type(result).__name__ for result in results)


def chain_is_whole():
    deals = Deal.objects.in_bulk()
    rows = list(Transition.objects.order_by("deal", "seq"))
    assert not list(ledger.broken_rows(rows))
    last = {row.deal_id: row for row in rows}
    return all(
        (deal.seq, deal.stage_id, deal.status) == (row.seq, row.to_stage_id, row.to_status)
        for pk, row in last.items()
        for deal in [deals[pk]]
    )


def advancing(deal, to, by, **options):
    return lambda: moves.advance(deal.pk, to=to, seen_seq=deal.seq, by=by, **options)


def test_a_hundred_clicks_at_once_are_one_move_and_ninety_nine_who_are_told():
    """B06: through the pages' own address, each click a visitor's of its own."""
    w = World()
    f.satisfy_all(w.deal, w.process.exit_criteria(w.here))
    at = reverse("move", args=[w.deal.pk])
    clients = [Client() for _ in range(MANY)]
    clients[0].force_login(w.rep)
    for client in clients[1:]:
        client.cookies = clients[0].cookies
    sent = {"to": w.later, "seen_seq": w.deal.seq}
    headers = {"accept": "application/json"}
    click = lambda client: client.post(at, sent, headers=headers)  # noqa: E731
    results = all_at_once([lambda client=client: click(client) for client in clients])
    assert Counter(getattr(result, "status_code", result) for result in results) == {200: 1, 409: MANY - 1}
    assert Transition.objects.filter(deal=w.deal, kind="advance").count() == w.deal.seq
    assert f.fresh(w.deal).seq == w.deal.seq + 1 and chain_is_whole()


def test_twenty_different_moves_of_one_deal_at_once_are_one_move():
    """B06"""
    w = World()
    f.satisfy_all(w.deal, w.process.exit_criteria(w.here))
    kinds = [
        advancing(w.deal, w.later, w.rep),
        lambda: moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep),
        lambda: moves.pause(w.deal.pk, reason="Budget in May", seen_seq=w.deal.seq, by=w.rep),
        lambda: moves.back(w.deal.pk, to=w.entry, reason="Too early", seen_seq=w.deal.seq, by=w.rep),
    ]
    results = all_at_once(kinds * (CROWD // 4))
    assert counted(results) == {"Deal": 1, "StaleDeal": CROWD - 1}
    assert f.fresh(w.deal).seq == w.deal.seq + 1 and chain_is_whole()


def test_open_gates_do_not_let_a_double_click_move_twice():
    """B05, B06: eight clicks at once, one stage."""
    w = World()
    deal = f.make_deal(w.other, owner=w.rep)
    stages = [stage.stage_id for stage in process_of(w.other).stages]
    results = all_at_once([advancing(deal, stage, w.rep) for stage in stages[1:]] * 3)
    assert counted(results)["Deal"] == 1 and f.fresh(deal).seq == 2


def test_the_same_key_at_once_gets_the_same_answer():
    """B05"""
    w = World()
    f.satisfy_all(w.deal, w.process.exit_criteria(w.here))
    results = all_at_once([advancing(w.deal, w.later, w.rep, key="click-1") for _ in range(8)])
    assert counted(results) == {"Deal": 8}
    assert {result.seq for result in results} == {w.deal.seq + 1}
    assert Transition.objects.filter(deal=w.deal, key="click-1").count() == 1


def test_a_refused_crowd_leaves_everything_as_it_was():
    """B06, B48"""
    w = World()
    before = fingerprint()
    results = all_at_once([advancing(w.deal, w.later, w.rep) for _ in range(8)])
    assert counted(results) == {"GateClosed": 8} and fingerprint() == before


def test_deals_moved_in_opposite_order_do_not_block_each_other():
    """F9: no deadlock between one who goes up and one who goes down."""
    w = World()
    deals = [f.make_deal(w.other, owner=w.rep) for _ in range(6)]
    stage = process_of(w.other).stages[1].stage_id

    def through(ordered):
        def job():
            found = []
            for deal in ordered:
                try:
                    moves.advance(deal.pk, to=stage, seen_seq=1, by=w.rep)
                    found.append("moved")
                except moves.StaleDeal:
                    found.append("stale")
            return found

        return job

    bulk = lambda: moves.move_many([deal.pk for deal in reversed(deals)], "re_engage")  # noqa: E731
    results = all_at_once([through(deals), through(deals[::-1]), bulk, bulk])
    assert not [result for result in results if isinstance(result, Exception)]
    assert Transition.objects.filter(deal__in=deals, kind="re_engage").count() == len(deals)
    assert chain_is_whole()


@pytest.mark.engine("postgresql")
def test_a_hundred_deals_moved_crosswise_by_people_and_in_bulk_do_not_block_each_other():
    """F9: six at a time, in three orders, some in bulk: nobody is shown a deadlock."""
    w = World()
    deals = [f.make_deal(w.other, owner=w.rep) for _ in range(MANY)]
    stage = process_of(w.other).stages[1].stage_id

    def through(ordered):
        def job():
            told = Counter()
            for deal in ordered:
                try:
                    moves.advance(deal.pk, to=stage, seen_seq=1, by=w.rep)
                    told["moved"] += 1
                except moves.StaleDeal:
                    told["stale"] += 1
            return told

        return job

    orders = [deals, deals[::-1]]
    bulk = lambda order: moves.move_many([deal.pk for deal in order], "re_engage")  # noqa: E731
    jobs = [through(order) for order in orders] + [lambda order=order: bulk(order) for order in orders]
    results = all_at_once(jobs)
    assert not [result for result in results if isinstance(result, Exception)]
    walked = results[: len(orders)]
    assert sum(sum(told.values()) for told in walked) == MANY * len(orders)
    moved = Transition.objects.filter(deal__in=deals, kind="advance").count()
    assert sum(told["moved"] for told in walked) == moved
    assert Transition.objects.filter(deal__in=deals, kind="re_engage").count() == MANY
    assert chain_is_whole()


def test_a_move_is_judged_by_one_version_however_publishing_falls():
    """B16: publish against moves, answers and a keyed click."""
    w = World()
    deals = [f.make_deal(w.pipeline, owner=w.rep) for _ in range(4)]
    for deal in deals:
        f.satisfy_all(deal, w.process.exit_criteria(w.entry))
    f.add_criterion(f.stage_of(w.pipeline, "Qualify"), "pain", Kind.YES_NO, position=9)
    item = f.good_answer(deals[0], w.process.exit_criteria(w.entry)[0])
    item.value = "A shutdown costs them a shift each month"
    jobs = [advancing(f.fresh(deal), w.here, w.rep, key=f"k{deal.pk}") for deal in deals]
    jobs += [lambda: publish(w.pipeline, by=w.pipeline.process_owner)] * 2
    jobs += [lambda: answers.save(deals[0].pk, [item], by=w.rep)]
    results = all_at_once(jobs)
    assert not set(counted(results)) - {"Deal", "GateClosed", "ProcessVersion", "tuple"}
    for row in Transition.objects.filter(deal__in=deals, kind="advance"):
        asked = len(row.snapshot)
        assert asked == (2 if row.version_id == w.process.version.pk else 3)
    for deal in Deal.objects.filter(pk__in=[deal.pk for deal in deals], stage=w.here):
        assert deal.open_before == 1  # moved under the old version: the new question is missing at once
    assert chain_is_whole()


def moved_while_published(w, deal):
    """What a move to the later stage comes to that begins while a publication is not yet through."""
    begun, seq = threading.Event(), f.fresh(deal).seq

    def publishing():
        with transaction.atomic():
            publish(w.pipeline, by=w.pipeline.process_owner)
            begun.set()
            time.sleep(0.5)

    def moving():
        begun.wait(30)
        return moves.advance(deal.pk, to=w.later, seen_seq=seq, by=w.rep)

    return all_at_once([publishing, moving])[1]


def test_a_move_waits_for_a_publication_that_has_begun():
    """B16: read before, judged after, would pass by a process that is no longer in force."""
    w = World()
    f.satisfy_all(w.deal, w.process.exit_criteria(w.here))
    f.add_criterion(f.stage_of(w.pipeline, "Discover"), "pain", Kind.YES_NO, position=9)
    assert isinstance(moved_while_published(w, w.deal), moves.GateClosed)
    assert f.fresh(w.deal).stage_id == w.here


def test_it_waits_where_the_publication_leaves_its_deal_alone():
    """Of a gate further on: nothing that is stored of the deal changes, so the pipeline's lock alone makes it wait."""
    w = World()
    deal = f.make_deal(w.pipeline, owner=w.rep)
    f.satisfy_all(deal, [*w.process.exit_criteria(w.entry), *w.process.exit_criteria(w.here)])
    f.add_criterion(f.stage_of(w.pipeline, "Discover"), "pain", Kind.YES_NO, position=9)
    assert isinstance(moved_while_published(w, deal), moves.GateClosed)
    assert f.fresh(deal).stage_id == w.entry


def test_answers_given_at_once_leave_one_current_answer():
    w = World()
    criterion = w.process.exit_criteria(w.entry)[0]
    call = f.log_call(w.deal)
    items = [f.good_answer(w.deal, criterion, call) for _ in range(6)]
    results = all_at_once([lambda item=item: answers.save(w.deal.pk, [item], by=w.rep) for item in items])
    assert counted(results) == {"tuple": 6}
    assert w.deal.answers.filter(criterion=criterion.criterion_id, is_current=True).count() == 1


def test_a_write_on_a_connection_of_its_own_is_refused_too():
    """B13: psql, sqlite3, another process: the guard is in the database."""
    w = World()
    before = fingerprint()
    attack = lambda: sql("UPDATE deals_deal SET stage_id = %s WHERE id = %s", w.last, w.deal.pk)  # noqa: E731
    (result,) = all_at_once([attack])
    assert isinstance(result, IntegrityError) and fingerprint() == before


@pytest.mark.engine("postgresql")
def test_two_forged_rows_at_once_are_one_at_most():
    """B13: the ledger's own uniqueness, where two writers both read the same seq."""
    w = World()
    rows = [w.row("pause", to_status="paused") for _ in range(4)]
    results = all_at_once([lambda row=row: row.save(force_insert=True) for row in rows])
    assert counted(results) == {"NoneType": 1, "IntegrityError": 3}
    assert connection.vendor == "postgresql" and chain_is_whole()
