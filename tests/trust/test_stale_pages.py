"""B04, B05, B60: what the mover saw, said twice, and who they are when the move is made."""

from datetime import timedelta

import pytest

from deals import answers, moves
from deals.gate import Reading
from deals.models import Stakeholder
from pipeline.publishing import publish
from pipeline.vocabulary import Kind

from .. import factories as f
from ..fingerprint import fingerprint
from .gates import Gate
from .world import refused, undone

pytestmark = pytest.mark.django_db


# B04, B05


def test_a_page_from_before_the_last_move_moves_nothing(w):
    """B04"""
    with refused(moves.StaleDeal) as refusal:
        moves.archive(w.deal.pk, seen_seq=w.deal.seq - 1, by=w.rep)
    assert refusal.value.last.seq == w.deal.seq and refusal.value.deal.stage_id == w.here
    with refused(moves.StaleDeal):
        moves.archive(w.deal.pk, seen_seq=w.deal.seq + 1, by=w.rep)


def test_the_same_key_again_gives_the_first_answer(w):
    """B05"""
    first = moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, key="click-1")
    before = fingerprint()
    again = moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, key="click-1")
    assert (again.seq, again.status) == (first.seq, "archived") and fingerprint() == before


def test_another_key_on_the_same_page_is_stale(w):
    """B05"""
    moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, key="click-1")
    with refused(moves.StaleDeal):
        moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, key="click-2")


def test_a_key_opens_no_door_to_others(w):
    """B05, B48: who may not move the deal learns nothing from repeating a key."""
    moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, key="click-1")
    with refused(moves.NotAllowed):
        moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=f.make_user("Piet Olen"), key="click-1")


# B60


def test_who_may_act_is_asked_when_the_move_is_made(w):
    """B60, B48"""
    teammate = f.make_user("Piet Olen")
    stranger = f.make_manager("Ines Roth", team="South")
    gone = f.make_admin("Max Gonder", is_active=False)
    for person in (teammate, stranger, gone):
        with refused(moves.NotAllowed):
            moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=person)
    w.rep.is_active = False
    w.rep.save()
    with refused(moves.NotAllowed):
        moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep)


def test_a_reading_knows_every_criterion_before_it_judges(w):
    """A refusal is complete: each criterion of the process has a finding, with words where it does not hold."""
    reading = Reading(w.deal, w.process, f.today())
    for finding in reading.of(w.process.criteria_of_all(), at_gate=True):
        assert finding.holds or finding.why


def test_publishing_while_a_page_is_open_asks_the_new_question(w):
    """B16: the very next attempt obeys."""
    f.satisfy_all(w.deal, w.process.exit_criteria(w.here))
    f.add_criterion(f.stage_of(w.pipeline, "Discover"), "pain", Kind.YES_NO, position=9)
    publish(w.pipeline, by=w.pipeline.process_owner)
    with refused(moves.GateClosed) as refusal:
        moves.advance(w.deal.pk, to=w.later, seen_seq=w.deal.seq, by=w.rep)
    assert [x.definition.slug for x in refusal.value.open_criteria] == ["pain"]
    assert Stakeholder.objects.filter(deal=w.deal).exists()


def test_who_confirms_was_in_that_conversation():
    """B22: a name that was not there confirms nothing."""
    gate = Gate(Kind.YES_NO)
    call = f.log_call(gate.deal)
    absent = f.make_contact(gate.deal.company, "Daniel Oseidan")
    item = answers.Given(
        gate.definition.criterion_id, value="yes", conversation=str(call.pk), by=str(absent.pk)
    )
    with refused(answers.AnswerErrors, says="did not take part"):
        answers.save(gate.deal.pk, [item], by=None)


def test_an_answer_that_cannot_be_stored_keeps_the_deal_from_going_back_too():
    """A move that needs no gate does not swallow what was typed."""
    gate = Gate(Kind.DATE)
    item = answers.Given(gate.definition.criterion_id, value="soonish", by="Lena Vossberg")
    with refused(moves.MissingInput):
        moves.archive(gate.deal.pk, seen_seq=gate.deal.seq, by=None, answers=[item])


def test_a_document_is_not_dated_ahead():
    """R048: signed is signed, not about to be."""
    gate = Gate(Kind.FILE_OR_LINK, evidence="file", with_date=True)
    ahead = (f.today() + timedelta(days=2)).isoformat()
    gate.said(date=ahead)
    assert not gate.finding().holds
    gate.said(date=f.today().isoformat())
    assert gate.finding().holds


# What the mover saw


@pytest.mark.parametrize("source", ["page", "api", "admin"])
@pytest.mark.parametrize(
    "verb, extra",
    [
        (moves.advance, {"to": 0}),
        (moves.back, {"to": 0, "reason": "Too early"}),
        (moves.win, {}),
        (moves.lose, {"loss_reason": "No decision"}),
        (moves.archive, {}),
        (moves.pause, {"reason": "Their summer break"}),
        (moves.undo, {}),
    ],
)
def test_nobody_moves_a_deal_by_hand_without_saying_which_state_they_saw(w, verb, extra, source):
    """B04, B05: also where no form stands before the door."""
    f.make_loss_reason()
    to = {"to": w.entry if verb is moves.back else w.later} if "to" in extra else {}
    with refused(moves.MissingInput) as refusal:
        verb(w.deal.pk, seen_seq=None, by=w.rep, source=source, **extra | to)
    assert list(refusal.value.fields) == ["seen_seq"]


def test_what_no_page_shows_moves_without_it_and_strangers_are_told_nothing(w):
    """A rule, an import and a command look at no page; who may not move at all hears only that."""
    for source in ("rule", "import", "command", "bulk"):
        with undone():
            assert moves.archive(w.deal.pk, seen_seq=None, by=w.rep, source=source).status == "archived"
    with refused(moves.NotAllowed):
        moves.archive(w.deal.pk, seen_seq=None, by=f.make_user("Tom", team="South"))
