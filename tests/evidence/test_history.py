"""Whoever lifts the guard and changes the ledger is found out by verify_history, which names the row."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from deals import moves
from deals.history import gates
from deals.models import Deal, Kind, Transition

from .. import factories as f
from ..tampering import alter, guard_lifted, sql, verified

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal():
    """Four rows: created, advanced twice, moved back."""
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    deal = f.make_deal(pipeline, stage="Propose")
    entry = pipeline.stages.first()
    moves.back(deal.pk, to=entry.pk, seen_seq=3, by=deal.owner, reason="They want to start over")
    f.make_deal(pipeline, name="Untouched")
    return f.fresh(deal)


def row(deal, seq):
    return Transition.objects.get(deal=deal, seq=seq)


def assert_named(found, deal, *words):
    """Exactly this deal is named, with these words among what is said of it."""
    assert found, "nothing was found"
    assert all(f"deal {deal.pk}" in line for line in found), found
    for word in words:
        assert any(word in line for line in found), (word, found)


def test_an_untouched_ledger_verifies_and_says_how_much_was_walked(deal):
    status, found, last = verified()
    assert (status, found) == (0, [])
    assert last.startswith("0 findings; 5 rows of 2 deals")


def test_many_moves_by_a_clock_of_another_zone_are_kept_as_the_instant_they_were(deal):
    there = datetime(2026, 7, 1, 9, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
    moves.move_many([deal.pk], Kind.ARCHIVE, now=there, reason="Silence")
    assert row(deal, 5).recorded_at == there
    assert verified()[:2] == (0, [])


@pytest.mark.parametrize(
    "column, value, words",
    [
        ("kind", "win", "kind is win, but was advance"),
        ("source", "import", "source is import, but was page"),
        ("reason", "Forged", "reason is Forged, but was nothing"),
        ("recorded_at", "2020-01-01 00:00:00+00:00", "recorded_at is 2020-01-01"),
        ("amount", "1.00", "amount is 1.00, but was 86000.00"),
        ("to_status", "won", "to_status is won, but was open"),
        ("hash", "0" * 64, "its hash was altered"),
        ("prev_hash", "0" * 64, "prev_hash is 000"),
    ],
)
def test_an_altered_column_is_named_with_what_it_was(deal, column, value, words):
    alter(f"UPDATE deals_transition SET {column}=%s WHERE id=%s", value, row(deal, 2).pk)
    status, found, _last = verified()
    assert status == 1
    assert_named(found, deal, f"deal {deal.pk}, row 2", words)


def test_an_altered_actor_is_named(deal):
    other = f.make_user("Piet Olen")
    alter("UPDATE deals_transition SET actor_id=%s WHERE id=%s", other.pk, row(deal, 4).pk)
    _status, found, _last = verified()
    assert_named(found, deal, f"actor_id is {other.pk}, but was {deal.owner_id}")


def test_an_altered_stage_is_named_and_no_longer_fits_its_neighbours(deal):
    last = Deal.objects.get(name="Untouched").stage_id
    alter("UPDATE deals_transition SET to_stage_id=%s WHERE id=%s", last, row(deal, 2).pk)
    _status, found, _last = verified()
    assert_named(found, deal, "I3", "I8", f"to_stage_id is {last}, but was")


def test_a_row_taken_out_of_the_middle_is_missing(deal):
    alter("DELETE FROM deals_transition WHERE id=%s", row(deal, 2).pk)
    status, found, _last = verified()
    assert status == 1
    assert_named(found, deal, "row 2 is missing")


def test_a_row_cut_off_the_end_is_missing(deal):
    alter("DELETE FROM deals_transition WHERE id=%s", row(deal, 4).pk)
    _status, found, _last = verified()
    assert_named(found, deal, "row 4 is missing", "I1")


def test_all_rows_cut_off_are_missing(deal):
    alter("DELETE FROM deals_transition WHERE deal_id=%s", deal.pk)
    _status, found, _last = verified()
    assert_named(found, deal, "has no ledger at all")


def test_a_row_put_in_is_found(deal):
    """Its number is the next, its hash is right; where the deal stands is not what it says."""
    last = row(deal, 4)
    with guard_lifted():
        last.pk, last.seq, last.kind, last.prev_hash = None, 5, Kind.WIN, last.hash
        last.to_status = "won"
        last.hash = moves.ledger.hash_of(last)
        last.save(force_insert=True)
    _status, found, _last = verified()
    assert_named(
        found, deal, "has 5 rows, but the deal knows of 4", "its status is open, but its last row says won"
    )


def test_a_row_put_in_between_is_found_by_the_order_of_writing(deal):
    second = row(deal, 2)
    with guard_lifted():
        for seq in (4, 3, 2):
            sql("UPDATE deals_transition SET seq=seq+1 WHERE deal_id=%s AND seq=%s", deal.pk, seq)
        sql("UPDATE deals_deal SET seq=5 WHERE id=%s", deal.pk)
        second.pk, second.prev_hash = None, row(deal, 1).hash
        second.hash = moves.ledger.hash_of(second)
        second.save(force_insert=True)
    _status, found, _last = verified()
    assert_named(
        found, deal, "was written after the row that follows it", "does not follow the row before it"
    )


def test_a_deal_that_was_moved_without_a_row_is_found(deal):
    won = Deal.objects.get(name="Untouched").pipeline.stages.last().pk
    alter("UPDATE deals_deal SET stage_id=%s WHERE id=%s", won, deal.pk)
    status, found, _last = verified()
    assert status == 1
    assert_named(found, deal, f"I1 deal {deal.pk}: its stage is {won}")


def test_a_deal_archived_without_a_row_is_found(deal):
    alter("UPDATE deals_deal SET status='archived' WHERE id=%s", deal.pk)
    _status, found, _last = verified()
    assert_named(found, deal, "I9", "is archived without a row that says so")


def test_archiving_reopening_and_undoing_verify(deal):
    moves.archive(deal.pk, seen_seq=4, by=deal.owner)
    moves.reopen(deal.pk, seen_seq=5, by=deal.owner, reason="They called")
    moves.undo(deal.pk, seen_seq=6, by=deal.owner)
    assert f.fresh(deal).status == "archived"
    assert verified()[:2] == (0, [])


def test_a_guard_that_is_not_in_place_is_said(deal):
    from deals import guard

    guard.remove("hg_t4_delete")
    status, found, _last = verified()
    assert (status, len(found)) == (1, 1)
    assert "hg_t4_delete" in found[0]


def test_the_ledger_is_read_in_blocks_with_one_statement_each(deal, django_assert_max_num_queries):
    """As many statements for the whole block as for one deal; guesses are made for altered rows alone."""
    verified()  # what is remembered between requests is asked for the first time here
    with django_assert_max_num_queries(11):
        verified()


def test_kinds_that_pass_a_gate_are_those_of_the_guard():
    assert set(gates.GATED) == {Kind.ADVANCE, Kind.EXCEPTION, Kind.WIN}
