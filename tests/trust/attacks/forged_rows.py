"""B13: ledger rows that nobody moved."""

from django.db import connection

from deals.models import Kind, Status, Transition

from ..world import sql
from .families import family

attack = family("forged ledger rows")


@attack()
def forge_a_row_that_skips_a_number(w):
    w.forge(Kind.ADVANCE, to_stage_id=w.later, seq=w.deal.seq + 2)


@attack()
def forge_a_row_a_second_time(w):
    w.forge(Kind.ADVANCE, to_stage_id=w.later, seq=w.deal.seq)


@attack()
def forge_a_row_from_another_stage(w):
    w.forge(Kind.ADVANCE, from_stage_id=w.entry, to_stage_id=w.later)


@attack()
def forge_a_row_from_nowhere(w):
    w.forge(Kind.ADVANCE, from_stage_id=None, to_stage_id=w.later)


@attack()
def forge_a_row_from_another_status(w):
    w.forge(Kind.RESUME, from_status=Status.PAUSED)


@attack()
def forge_a_broken_chain(w):
    w.forge(Kind.ADVANCE, to_stage_id=w.later, prev_hash="0" * 64)


@attack()
def forge_a_chain_without_its_start(w):
    w.forge(Kind.ADVANCE, to_stage_id=w.later, prev_hash="")


@attack()
def forge_a_kind_that_is_not_legal(w):
    w.forge(Kind.RESUME)


@attack()
def forge_a_kind_nobody_knows(w):
    w.forge("teleport", to_stage_id=w.last)


@attack()
def forge_a_second_beginning(w):
    w.forge(Kind.CREATE, from_status="")


@attack()
def forge_an_advance_that_wins(w):
    w.forge(Kind.ADVANCE, to_stage_id=w.later, to_status=Status.WON)


@attack()
def forge_a_win_that_stays_open(w):
    w.forge(Kind.WIN, to_stage_id=w.last)


@attack()
def forge_an_advance_that_stays(w):
    w.forge(Kind.ADVANCE)


@attack()
def forge_a_pause_that_moves(w):
    w.forge(Kind.PAUSE, to_stage_id=w.last, to_status=Status.PAUSED)


@attack()
def forge_an_archive_that_moves(w):
    w.forge(Kind.ARCHIVE, to_stage_id=w.last, to_status=Status.ARCHIVED)


@attack()
def forge_an_advance_into_another_pipeline(w):
    w.forge(Kind.ADVANCE, to_stage_id=w.other.stages.get(position=4).pk)


@attack()
def forge_an_exception_without_an_approver(w):
    w.forge(Kind.EXCEPTION, to_stage_id=w.later, reason="Their board meets only in March, signed by then")


@attack()
def forge_an_exception_one_grants_oneself(w):
    w.forge(
        Kind.EXCEPTION, to_stage_id=w.later, reason="Their board meets only in March", approver_id=w.rep.pk
    )


@attack()
def forge_an_exception_without_a_reason(w):
    from ...factories import make_manager

    w.forge(Kind.EXCEPTION, to_stage_id=w.later, approver_id=make_manager().pk)


@attack()
def forge_an_import_as_third_row(w):
    w.forge(Kind.IMPORT, to_stage_id=w.last)


@attack()
def forge_an_import_of_a_deal_that_was_typed_in(w):
    w.forge(Kind.IMPORT, w.fresh_deal(), to_stage_id=w.last, batch="b1")


@attack()
def forge_an_undo_into_another_stage(w):
    w.forge(Kind.UNDO, to_stage_id=w.last)


@attack()
def forge_an_undo_into_another_status(w):
    w.forge(Kind.UNDO, to_stage_id=w.entry, to_status=Status.WON)


@attack()
def forge_an_undo_of_the_beginning(w):
    deal = w.fresh_deal()
    w.forge(Kind.UNDO, deal, to_stage_id=w.last)


@attack()
def forge_a_row_with_a_key_that_was_used(w):
    w.forge(Kind.PAUSE, to_status=Status.PAUSED, key="once")
    w.forge(Kind.RESUME, to_status=Status.OPEN, key="once")


@attack()
def forge_a_row_of_no_deal(w):
    row = w.row(Kind.ADVANCE, to_stage_id=w.later)
    row.deal_id = 987654321
    row.save(force_insert=True)


@attack()
def forge_many_rows_at_once(w):
    first = w.row(Kind.ADVANCE, to_stage_id=w.later)
    second = w.row(Kind.ADVANCE, to_stage_id=w.last, seq=first.seq + 1, prev_hash="f" * 64)
    Transition.objects.bulk_create([first, second])


@attack()
def overwrite_the_last_row_by_bulk_create(w):
    row = w.row(Kind.ADVANCE, to_stage_id=w.last, seq=w.deal.seq)
    row.pk = Transition.objects.get(deal=w.deal, seq=w.deal.seq).pk
    Transition.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=["to_stage", "hash"]
    )


@attack("sqlite")
def replace_the_last_row(w):
    row = w.row(Kind.ADVANCE, to_stage_id=w.last, seq=w.deal.seq)
    last = Transition.objects.get(deal=w.deal, seq=w.deal.seq)
    names = ", ".join(field.column for field in Transition._meta.concrete_fields)
    values = names.replace("to_stage_id", str(w.last), 1)
    assert row.seq == last.seq
    sql(
        f"INSERT OR REPLACE INTO deals_transition ({names}) SELECT {values} FROM deals_transition WHERE id = %s",
        last.pk,
    )


@attack("sqlite")
def replace_an_old_row_by_its_key(w):
    """A new row with the key of an old one: REPLACE would delete the old one."""
    w.forge(Kind.PAUSE, to_status=Status.PAUSED, key="once")
    row = w.row(Kind.RESUME, to_status=Status.OPEN, key="once")
    names = [field for field in Transition._meta.concrete_fields if not field.primary_key]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in names]
    columns, marks = ", ".join(field.column for field in names), ", ".join(["%s"] * len(names))
    sql(f"INSERT OR REPLACE INTO deals_transition ({columns}) VALUES ({marks})", *values)
