"""R160: the state machines refuse what is not legal, instance by instance, and stand in nobody's way otherwise."""

import copy
import pickle

import pytest
from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, transaction
from django_fsm import TransitionNotAllowed, can_proceed

from deals import moves
from deals.fields import unlocked
from deals.models import Deal, Kind, Status, Transition
from pipeline.process import process_of

from .. import factories as f
from .world import refused, undone

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("field", ["stage", "stage_id", "status"])
def test_assigning_a_state_is_refused_on_every_deal_however_it_was_read(w, field):
    value = {"stage": w.pipeline.stages.get(pk=w.last), "stage_id": w.last, "status": "won"}[field]
    found = Deal.objects.filter(pk=w.deal.pk)
    for deal in [
        w.deal,
        found.get(),
        found.select_related("stage", "pipeline__version").get(),
        found.prefetch_related("transitions").get(),
        copy.copy(w.deal),
        pickle.loads(pickle.dumps(w.deal)),
        w.deal.company.deals.get(),
    ]:
        with refused(AttributeError, says="changes only through a move"):
            setattr(deal, field, value)


def test_assigning_the_same_state_again_is_no_change(w):
    w.deal.status = w.deal.status
    w.deal.stage_id = w.deal.stage_id
    w.deal.stage = w.deal.stage


def test_a_deal_unlocked_while_it_is_read_leaves_all_others_locked(w):
    other = w.fresh_deal()
    with unlocked(w.deal), refused(AttributeError):
        other.status = "won"
    with refused(AttributeError):
        w.deal.status = "won"


def test_refreshing_one_deal_takes_the_database_state_and_locks_again(w):
    stale = f.fresh(w.deal)
    moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=None)
    stale.refresh_from_db()
    assert (stale.status, stale.seq) == (Status.ARCHIVED, w.deal.seq + 1)
    with refused(AttributeError):
        stale.status = "open"


def test_refreshing_only_the_state_works(w):
    stale = f.fresh(w.deal)
    moves.back(w.deal.pk, to=w.entry, reason="Their plant closed", seen_seq=w.deal.seq, by=None)
    stale.refresh_from_db(fields=["stage", "seq"])
    assert (stale.stage_id, stale.stage.name) == (w.entry, "Qualify")


def test_reading_part_of_a_deal_works(w, django_assert_num_queries):
    found = Deal.objects.filter(pk=w.deal.pk)
    with django_assert_num_queries(1):
        assert found.select_related("stage").get().stage.name == "Discover"
    deal = found.only("name").get()
    assert (deal.stage_id, deal.status, deal.stage.name) == (w.here, "open", "Discover")
    deal = found.defer("stage", "status").get()
    assert (deal.status, deal.stage_id) == ("open", w.here)
    assert found.values("stage", "stage__name", "status").get() == {
        "stage": w.here,
        "stage__name": "Discover",
        "status": "open",
    }
    assert found.filter(stage__name="Discover", status="open").exists()


def test_a_deferred_state_cannot_be_assigned_and_saved(w):
    deal = Deal.objects.only("name").get(pk=w.deal.pk)
    with refused(AttributeError, DatabaseError):
        deal.status = "won"
        deal.save(update_fields=["status"])
    deal = Deal.objects.only("name").get(pk=w.deal.pk)
    with refused(AttributeError, DatabaseError):
        deal.stage_id = w.last
        deal.save(update_fields=["stage"])


def test_a_form_changes_other_columns_and_never_the_state(w):
    class Form(forms.ModelForm):
        class Meta:
            model = Deal
            fields = ["name", "stage", "status"]

    form = Form({"name": "Renamed", "stage": w.last, "status": "won"}, instance=f.fresh(w.deal))
    with refused(AttributeError):
        form.is_valid()
    form = Form({"name": "Renamed", "stage": w.here, "status": "open"}, instance=f.fresh(w.deal))
    assert form.is_valid() and form.instance.name == "Renamed"
    with pytest.raises(TypeError):  # a whole-row save undoes somebody else's change
        form.save()
    form.instance.save(update_fields=["name"])
    assert f.fresh(w.deal).name == "Renamed"


def test_a_transition_without_a_judgement_that_holds_is_refused(w):
    deal = f.fresh(w.deal)
    for call in [lambda: deal.enter(w.last), deal.win]:
        with refused(TransitionNotAllowed):
            call()
    assert not can_proceed(deal.win) and not can_proceed(deal.enter)


def test_a_transition_in_memory_is_not_a_move(w):
    deal = f.fresh(w.deal)
    deal.archive()
    with refused(DatabaseError):
        deal.save(update_fields=["status"])


def test_no_manager_or_field_reaches_the_state_by_another_name(w):
    with pytest.raises(FieldDoesNotExist):
        Deal._meta.get_field("state")
    for field in ("stage", "status"):
        assert Deal._meta.get_field(field).protected


# The table of legal transitions (architecture, section 4), written out once more.

LEGAL = {
    "open": "advance exception back win lose re_engage pause archive remap transfer import",
    "re_engaging": "return lose archive pause remap transfer",
    "paused": "resume lose archive remap transfer",
    "won": "reopen",
    "lost": "reopen",
    "archived": "reopen",
}
VERBS = {
    "advance": lambda deal, w: moves.advance(deal.pk, to=w.last, seen_seq=deal.seq, by=w.rep),
    "back": lambda deal, w: moves.back(deal.pk, to=w.entry, reason="Too early", seen_seq=deal.seq, by=w.rep),
    "win": lambda deal, w: moves.win(deal.pk, seen_seq=deal.seq, by=w.rep),
    "lose": lambda deal, w: moves.lose(deal.pk, loss_reason="No decision", seen_seq=deal.seq, by=w.rep),
    "re_engage": lambda deal, w: moves.re_engage(deal.pk, seen_seq=deal.seq, by=w.rep),
    "return": lambda deal, w: moves.come_back(deal.pk, seen_seq=deal.seq, by=w.rep),
    "pause": lambda deal, w: moves.pause(deal.pk, reason="Budget in May", seen_seq=deal.seq, by=w.rep),
    "resume": lambda deal, w: moves.resume(deal.pk, seen_seq=deal.seq, by=w.rep),
    "archive": lambda deal, w: moves.archive(deal.pk, seen_seq=deal.seq, by=w.rep),
    "reopen": lambda deal, w: moves.reopen(deal.pk, reason="They called", seen_seq=deal.seq, by=w.rep),
}
ROADS = {
    "open": [],
    "re_engaging": ["re_engage"],
    "paused": ["pause"],
    "won": ["win"],
    "lost": ["lose"],
    "archived": ["archive"],
}
LEADS_TO = {
    "win": "won",
    "lose": "lost",
    "re_engage": "re_engaging",
    "pause": "paused",
    "archive": "archived",
}
STAYS = {"lose", "re_engage", "return", "pause", "resume", "archive"}


def deal_that_is(w, status):
    """A deal of a pipeline whose gates ask nothing, in its second stage, with that status."""
    w.pipeline = w.other
    w.process = process_of(w.other)
    w.entry, w.here, w.later, w.last = [stage.stage_id for stage in w.process.stages]
    f.make_loss_reason()
    deal = f.make_deal(w.other, owner=w.rep, stage="Discover")
    for verb in ROADS[status]:
        deal = VERBS[verb](deal, w)
    return f.fresh(deal)


@pytest.mark.parametrize("status", LEGAL)
def test_from_each_status_exactly_the_legal_moves_are_possible(w, status):
    deal = deal_that_is(w, status)
    assert deal.status == status
    for verb, move in VERBS.items():
        if verb in LEGAL[status].split():
            with undone():
                assert Transition.objects.get(deal=move(deal, w), seq=deal.seq + 1).kind == verb
        else:
            with refused(moves.IllegalMove):
                move(deal, w)
    with undone():
        if status == "open":
            moves.undo(deal.pk, seen_seq=deal.seq, by=w.rep)
        else:
            assert moves.undo(deal.pk, seen_seq=deal.seq, by=w.rep).status == "open"


@pytest.mark.parametrize("status", LEGAL)
def test_the_database_knows_the_same_table(w, status):
    """B13: a forged row of each kind from each status."""
    deal = deal_that_is(w, status)
    for kind in Kind.values:
        if kind in ("create", "undo", "import"):
            continue
        there = w.here if kind in STAYS else w.entry if deal.stage_id == w.last else w.last
        approval = {"reason": "Their board meets in March", "approver_id": f.make_manager().pk}
        columns = approval if kind == "exception" else {}
        legal = kind in LEGAL[status].split()
        to_status = deal.status if kind in ("remap", "transfer") else LEADS_TO.get(kind, "open")
        to_stage = deal.stage_id if kind in STAYS else there

        def forge(kind=kind, to_stage=to_stage, to_status=to_status, columns=columns):
            w.forge(kind, deal, to_stage_id=to_stage, to_status=to_status, **columns)

        if legal:
            with undone():
                forge()
                assert f.fresh(deal).status == to_status
        else:
            with refused(DatabaseError):
                forge()


def test_undo_reverses_the_last_row_once(w):
    moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep)
    deal = moves.undo(w.deal.pk, seen_seq=w.deal.seq + 1, by=w.rep)
    assert (deal.status, f.fresh(deal).closed_at) == ("open", None)
    with refused(moves.IllegalMove):
        moves.undo(deal.pk, seen_seq=deal.seq, by=w.rep)


def test_undo_ends_after_seven_days(w):
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    late = now + timedelta(days=7, seconds=1)
    deal = moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, now=now)
    with refused(moves.IllegalMove):
        moves.undo(deal.pk, seen_seq=deal.seq, by=w.rep, now=late)
    moves.undo(deal.pk, seen_seq=deal.seq, by=w.rep, now=now + timedelta(days=7))


def test_a_creation_and_an_import_cannot_be_undone(w):
    deal = w.fresh_deal()
    with refused(moves.IllegalMove):
        moves.undo(deal.pk, seen_seq=1, by=w.rep)


def test_a_move_that_fails_halfway_leaves_nothing(w):
    """Everything a move writes is one transaction."""
    with refused(ZeroDivisionError), transaction.atomic():
        moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep)
        raise ZeroDivisionError
