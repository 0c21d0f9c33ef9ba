"""B33, B37, B39, B57, B58: winning, reopening, taking back, importing, and gates that ask nothing or cannot ask."""

from decimal import Decimal

import pytest
from django.utils import timezone

from deals import answers, moves
from deals.evidence import facts, facts_query
from deals.models import Answer, Deal, Transition
from pipeline.process import process_of
from pipeline.vocabulary import Kind

from .. import factories as f
from .gates import Gate, refuse
from .world import refused, undone

pytestmark = pytest.mark.django_db
NOTHING = {"needs_buyer": False, "evidence": "none"}


# Winning


def test_a_deal_without_an_amount_cannot_be_won():
    gate = Gate(Kind.YES_NO, amount=None)
    f.satisfy(gate.deal, gate.definition)
    for amount in (None, Decimal(0)):
        with refused(moves.MissingInput):
            moves.win(gate.deal.pk, seen_seq=1, by=gate.rep, amount=amount)
    won = moves.win(gate.deal.pk, seen_seq=1, by=gate.rep, amount=Decimal(86000))
    assert (won.status, f.fresh(won).amount) == ("won", 86000)


def test_an_amount_typed_while_winning_is_forgotten_when_the_gate_refuses():
    """B48"""
    gate = Gate(Kind.YES_NO, amount=None)
    with refused(moves.GateClosed):
        moves.win(gate.deal.pk, seen_seq=1, by=gate.rep, amount=Decimal(86000))


def test_answers_that_came_with_a_refused_move_are_not_kept_by_the_move():
    """B48: the page keeps them typed; the database has nothing."""
    pipeline = f.make_pipeline()
    deal = f.make_deal(pipeline)
    process = process_of(pipeline)
    item = f.good_answer(deal, process.criteria_of_all()[0])
    with refused(moves.GateClosed) as refusal:
        moves.advance(deal.pk, to=process.stages[1].stage_id, seen_seq=1, by=None, answers=[item])
    assert [x.definition.slug for x in refusal.value.open_criteria] == ["budget"]


# B33


def test_reopening_goes_to_the_deepest_stage_that_holds_never_deeper_than_it_left(w):
    """B33"""
    for verb, extra in [(moves.archive, {}), (moves.lose, {"loss_reason": f.make_loss_reason()})]:
        with undone():
            closed = verb(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, **extra)
            back = moves.reopen(w.deal.pk, reason="They called again", seen_seq=closed.seq, by=w.rep)
            assert back.stage_id == w.here


def test_reopening_judges_every_earlier_gate_anew(w):
    """B33"""
    moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep)
    item = f.good_answer(w.deal, w.process.exit_criteria(w.entry)[0])
    item.state = "disproved"
    answers.save(w.deal.pk, [item], by=w.rep)
    back = moves.reopen(w.deal.pk, reason="They called again", seen_seq=w.deal.seq + 1, by=w.rep)
    assert (back.stage_id, back.status) == (w.entry, "open")


def test_a_closed_deal_goes_nowhere_but_through_reopening(w):
    """B33: archived to won is no edge."""
    closed = moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep)
    targets = ["won", "lost", "paused", "resume", "return", "archived", *map(str, (w.entry, w.later, w.last))]
    for to in targets:
        with refused(moves.IllegalMove, moves.GateClosed):
            moves.move(w.deal.pk, to, seen_seq=closed.seq, by=w.rep, reason="Just do it", loss_reason="")
    with refused(TypeError, moves.MoveRefused):
        moves.reopen(w.deal.pk, to=w.last, reason="Deeper", seen_seq=closed.seq, by=w.rep)


# B37


def test_taking_back_what_a_gate_rested_on_shows_at_once_and_stops_the_next_move(w):
    """B37"""
    deal = f.next_step(w.deal)
    proven = Deal.objects.proven(f.today(), f.today())
    assert proven.filter(pk=deal.pk).exists()
    item = f.good_answer(deal, w.process.exit_criteria(w.entry)[1])
    item.state = "disproved"
    answers.save(deal.pk, [item], by=w.rep)
    assert f.fresh(deal).open_before == 1 and not proven.filter(pk=deal.pk).exists()
    f.satisfy_all(deal, w.process.exit_criteria(w.here))
    with refused(moves.GateClosed) as refusal:
        moves.advance(deal.pk, to=w.later, seen_seq=deal.seq, by=w.rep)
    assert [x.definition.slug for x in refusal.value.open_criteria] == ["budget"]


def test_an_answer_keeps_its_past_when_it_is_taken_back(w):
    """B37"""
    before = Answer.objects.filter(deal=w.deal).count()
    item = f.good_answer(w.deal, w.process.exit_criteria(w.entry)[1])
    item.state = "disproved"
    answers.save(w.deal.pk, [item], by=w.rep)
    assert Answer.objects.filter(deal=w.deal).count() == before + 1


# B39


def imported(w, stage_id, status="open", **columns):
    fields = {
        "name": "From the other system",
        "company": w.deal.company,
        "owner": w.rep,
        "team": w.deal.team,
        "amount": Decimal(9000),
        **columns,
    }
    now = timezone.now()
    (deal,) = moves.create_many(w.process, [fields], by=None, now=now, batch="b1")
    moves.land_many(w.process, [(deal, stage_id, status, now, None)], by=None, now=now, batch="b1")
    moves.many.recount_made(w.process, [deal], f.today())
    return f.fresh(deal)


def test_an_imported_deal_is_claimed_and_answers_for_its_stage_and_all_core_criteria(w):
    """B39"""
    deal = f.next_step(imported(w, w.later))
    assert deal.stage_id == w.later and deal.open_before > 0
    assert not Deal.objects.proven(f.today(), f.today()).filter(pk=deal.pk).exists()
    with refused(moves.GateClosed) as refusal:
        moves.advance(deal.pk, to=w.last, seen_seq=deal.seq, by=w.rep)
    assert [x.definition.slug for x in refusal.value.open_criteria] == ["problem", "review", "next_step"]


def test_a_deal_is_imported_once_in_its_life(w):
    """B39: the second row of a deal of that batch, or none."""
    deal = imported(w, w.later)
    now = timezone.now()
    deal.first_hash = Transition.objects.get(deal=deal, seq=2).hash
    for target, batch in [(deal, "b1"), (deal, "b2")]:
        with refused():
            landing = [(target, w.last, "open", now, None)]
            moves.land_many(w.process, landing, by=None, now=now, batch=batch)
    typed = w.fresh_deal()
    typed.first_hash = Transition.objects.get(deal=typed).hash
    for batch in ("", "b1"):
        with refused():
            moves.land_many(w.process, [(typed, w.last, "open", now, None)], by=None, now=now, batch=batch)


# B57


def test_a_stage_that_asks_nothing_is_named_as_an_open_gate():
    """B57"""
    pipeline = f.make_pipeline(stages={"A": [], "B": [("it", Kind.YES_NO, {})], "C": []})
    assert [stage.name for stage in process_of(pipeline).open_gates] == ["A", "C"]


# B58


def test_a_criterion_whose_evaluation_fails_stays_shut(monkeypatch):
    """B58: for facts, for conditions, for answers."""
    gate = Gate(Kind.NEXT_STEP, **NOTHING)
    f.next_step(gate.deal)
    assert gate.finding().holds

    def broken(definition, today):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setitem(facts._KINDS, Kind.NEXT_STEP, broken)
        facts_query.forget()
        with refused(moves.GateClosed, ZeroDivisionError):
            gate.try_to_pass()
    facts_query.forget()
    with monkeypatch.context() as patch:
        patch.setattr("deals.gate.applies", broken)
        with refused(moves.GateClosed, ZeroDivisionError):
            gate.try_to_pass()
    gate.try_to_pass()


def test_a_kind_nobody_knows_stays_shut():
    """B58"""
    gate = Gate("horoscope")
    gate.said()
    refuse(gate)


def test_a_field_criterion_that_names_no_field_stays_shut():
    """B58"""
    gate = Gate(Kind.DEAL_FIELD, deal_fields="", **NOTHING)
    assert f.fresh(gate.deal).held_here == 0
    refuse(gate)
