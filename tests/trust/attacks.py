"""Attempts to change where a deal stands past the door. Each is a function of the world that tries one channel;
with the guard in place every one of them is refused on both engines."""

from django.db import connection, models
from django.db.models import F

from deals.models import Answer, Deal, Kind, Status, Transition

from .world import sql

ATTACKS = {}
family = ""


def attack(engine=None):
    """Register under family and function's name; `engine` where the statement exists on one database alone."""

    def register(function):
        if engine in (None, connection.vendor):
            ATTACKS.setdefault(family, {})[function.__name__] = function
        return function

    return register


# B12
family = "the ORM on deals"


@attack()
def save_a_stale_copy_under_the_same_key(w):
    copy = w.moved(stage_id=w.last)
    models.Model.save(copy)


@attack()
def save_a_new_object_under_the_same_key(w):
    copy = w.new_deal(id=w.deal.pk, stage_id=w.last, token=w.deal.token)
    models.Model.save(copy)


@attack()
def save_a_column_changed_through_dict(w):
    w.moved(stage_id=w.last).save(update_fields=["stage"])


@attack()
def save_the_status_changed_through_dict(w):
    w.moved(status=Status.WON).save(update_fields=["status"])


@attack()
def save_the_seq(w):
    w.moved(seq=7).save(update_fields=["seq"])


@attack()
def set_state_and_save(w):
    deal = w.moved()
    Deal._meta.get_field("stage").set_state(deal, w.last)
    deal.save(update_fields=["stage"])


@attack()
def call_the_ungated_transition_and_save(w):
    deal = w.moved()
    deal.stand_in(w.last)
    deal.save(update_fields=["stage"])


@attack()
def judge_it_oneself_and_save(w):
    from deals.gate import Judgement

    deal = w.moved(judgement=Judgement())
    deal.enter(w.last)
    deal.save(update_fields=["stage"])


@attack()
def unlock_the_field_and_save(w):
    from deals.fields import unlocked

    deal = w.moved()
    with unlocked(deal):
        deal.stage_id = w.last
    deal.save(update_fields=["stage"])


@attack()
def assign_the_stage(w):
    deal = w.moved()
    deal.stage = w.pipeline.stages.get(pk=w.last)
    deal.save(update_fields=["stage"])


@attack()
def update_or_create_with_a_stage(w):
    Deal.objects.update_or_create(pk=w.deal.pk, defaults={"stage_id": w.last})


@attack()
def update_or_create_a_late_deal(w):
    values = {name: value for name, value in w.new_deal().__dict__.items() if not name.startswith("_")}
    values |= {"stage_id": w.last}
    values.pop("id")
    Deal.objects.update_or_create(name="Nobody's", defaults=values)


@attack()
def queryset_update_stage(w):
    Deal.objects.filter(pk=w.deal.pk).update(stage=w.last)


@attack()
def queryset_update_one_stage_further(w):
    Deal.objects.filter(pk=w.deal.pk).update(stage=w.later, seq=F("seq") + 1)


@attack()
def queryset_update_status(w):
    Deal.objects.filter(pk=w.deal.pk).update(status=Status.WON)


@attack()
def queryset_update_seq(w):
    Deal.objects.filter(pk=w.deal.pk).update(seq=F("seq") - 1)


@attack()
def queryset_update_pipeline(w):
    Deal.objects.filter(pk=w.deal.pk).update(pipeline=w.other)


@attack()
def queryset_update_pipeline_and_stage(w):
    Deal.objects.filter(pk=w.deal.pk).update(pipeline=w.other, stage=w.other.stages.get(position=4))


@attack()
def bulk_update_stage(w):
    Deal.objects.bulk_update([w.moved(stage_id=w.last)], ["stage"])


@attack()
def bulk_create_a_late_deal(w):
    Deal.objects.bulk_create([w.new_deal(stage_id=w.last)])


@attack()
def bulk_create_over_the_deal(w):
    copy = w.moved(stage_id=w.last, seq=0)
    Deal.objects.bulk_create(
        [copy], update_conflicts=True, unique_fields=["id"], update_fields=["stage", "status"]
    )


@attack()
def bulk_create_over_the_deal_from_the_entry_stage(w):
    copy = w.moved(stage_id=w.entry, seq=0)
    Deal.objects.bulk_create(
        [copy], update_conflicts=True, unique_fields=["id"], update_fields=["stage", "seq"]
    )


@attack()
def bulk_create_late_ignoring_conflicts(w):
    Deal.objects.bulk_create([w.new_deal(stage_id=w.last)], ignore_conflicts=True)


@attack()
def insert_a_won_deal(w):
    w.new_deal(status=Status.WON).save(force_insert=True)


@attack()
def insert_a_deal_with_a_past(w):
    w.new_deal(seq=3).save(force_insert=True)


@attack()
def insert_a_deal_into_another_pipelines_stage(w):
    w.new_deal(pipeline_id=w.other.pk).save(force_insert=True)


@attack()
def delete_the_deal(w):
    w.deal.delete()


@attack()
def delete_all_deals(w):
    Deal.objects.all().delete()


@attack()
def delete_past_the_collector(w):
    queryset = Deal.objects.filter(pk=w.deal.pk)
    queryset._raw_delete(queryset.db)


# B13
family = "SQL on deals"


@attack()
def sql_update_stage(w):
    sql("UPDATE deals_deal SET stage_id = %s WHERE id = %s", w.last, w.deal.pk)


@attack()
def sql_update_status(w):
    sql("UPDATE deals_deal SET status = 'won' WHERE id = %s", w.deal.pk)


@attack()
def sql_update_everything_at_once(w):
    sql("UPDATE deals_deal SET stage_id = %s, status = 'won', seq = seq + 1 WHERE id = %s", w.last, w.deal.pk)


@attack()
def sql_renumber(w):
    sql("UPDATE deals_deal SET id = id + 100000 WHERE id = %s", w.deal.pk)


@attack("sqlite")
def sql_renumber_by_rowid(w):
    sql("UPDATE deals_deal SET rowid = rowid + 100000 WHERE id = %s", w.deal.pk)
    sql("PRAGMA foreign_key_check")
    connection.check_constraints()


@attack()
def sql_upsert(w):
    sql(
        f"INSERT INTO deals_deal ({COLUMNS}) SELECT {COLUMNS} FROM deals_deal WHERE id = %s"
        " ON CONFLICT (id) DO UPDATE SET stage_id = %s",
        w.deal.pk,
        w.last,
    )


@attack("sqlite")
def sql_replace_the_deal(w):
    sql(f"INSERT OR REPLACE INTO deals_deal ({COLUMNS}) {with_values(w.deal.pk, stage_id=w.last)}")


@attack("sqlite")
def sql_replace_the_deal_as_if_new(w):
    sql(f"INSERT OR REPLACE INTO deals_deal ({COLUMNS}) {with_values(w.deal.pk, stage_id=w.entry, seq=0)}")


@attack("sqlite")
def sql_replace_by_the_token(w):
    new = with_values(w.deal.pk, id=987654, stage_id=w.entry, seq=0)
    sql(f"INSERT OR REPLACE INTO deals_deal ({COLUMNS}) {new}")


@attack("sqlite")
def sql_update_or_replace_by_the_token(w):
    other = w.fresh_deal()
    token = "(SELECT token FROM deals_deal WHERE id = %s)"
    sql(f"UPDATE OR REPLACE deals_deal SET token = {token} WHERE id = %s", other.pk, w.deal.pk)


@attack()
def sql_delete_a_deal(w):
    sql("DELETE FROM deals_deal WHERE id = %s", w.deal.pk)


@attack("postgresql")
def sql_truncate_deals(w):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("TRUNCATE deals_deal CASCADE")


@attack("postgresql")
def sql_update_by_a_prepared_statement(w):
    sql("PREPARE late (bigint, bigint) AS UPDATE deals_deal SET stage_id = $1 WHERE id = $2")
    sql(f"EXECUTE late ({w.last}, {w.deal.pk})")


@attack("postgresql")
def sql_merge(w):
    sql(
        "MERGE INTO deals_deal d USING (SELECT 1) one ON d.id = %s WHEN MATCHED THEN UPDATE SET stage_id = %s",
        w.deal.pk,
        w.last,
    )


# B13
family = "forged ledger rows"


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
    from ..factories import make_manager

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


# B12, B13
family = "changed ledger rows"


@attack()
def update_a_ledger_row(w):
    Transition.objects.filter(deal=w.deal).update(reason="It was never so")


@attack()
def save_a_ledger_row_again(w):
    row = Transition.objects.filter(deal=w.deal).first()
    row.to_stage_id = w.last
    row.save()


@attack()
def bulk_update_ledger_rows(w):
    row = Transition.objects.filter(deal=w.deal).first()
    row.reason = "It was never so"
    Transition.objects.bulk_update([row], ["reason"])


@attack()
def sql_update_a_ledger_row(w):
    sql("UPDATE deals_transition SET recorded_at = happened_at, reason = 'x' WHERE deal_id = %s", w.deal.pk)


@attack()
def delete_a_ledger_row(w):
    Transition.objects.filter(deal=w.deal).last().delete()


@attack()
def delete_the_ledger(w):
    Transition.objects.all().delete()


@attack()
def sql_delete_the_newest_ledger_row(w):
    sql("DELETE FROM deals_transition WHERE deal_id = %s AND seq = %s", w.deal.pk, w.deal.seq)


@attack("postgresql")
def sql_truncate_the_ledger(w):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("TRUNCATE deals_transition CASCADE")


# B12, B13
family = "answers as they were given"


@attack()
def delete_an_answer(w):
    w.answer().delete()


@attack()
def delete_the_answers_of_a_deal(w):
    w.deal.answers.all().delete()


@attack()
def sql_delete_an_answer(w):
    sql("DELETE FROM deals_answer WHERE id = %s", w.answer().pk)


@attack("postgresql")
def sql_truncate_the_answers(w):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("TRUNCATE deals_answer CASCADE")


@attack()
def write_other_words_into_an_answer(w):
    Answer.objects.filter(pk=w.answer().pk).update(words="We take all of it")


@attack()
def save_an_answer_with_another_amount(w):
    answer = w.answer()
    answer.number = 900_000
    answer.save()


@attack()
def sql_say_that_the_buyer_confirmed_it(w):
    sql("UPDATE deals_answer SET state = 'disproved' WHERE id = %s", w.answer().pk)


@attack()
def sql_date_an_answer_back(w):
    sql("UPDATE deals_answer SET recorded_at = '2020-01-01 00:00:00' WHERE id = %s", w.answer().pk)


@attack()
def sql_let_somebody_else_have_said_it(w):
    other = w.stranger().pk
    sql("UPDATE deals_answer SET contact_id = %s WHERE id = %s", other, w.answer().pk)


@attack()
def sql_let_nobody_have_said_it(w):
    sql("UPDATE deals_answer SET contact_id = NULL WHERE id = %s", w.answer().pk)


@attack()
def sql_rest_an_answer_on_no_conversation(w):
    sql("UPDATE deals_answer SET activity_id = NULL WHERE id = %s", w.answer().pk)


@attack()
def sql_let_an_old_answer_count_again(w):
    sql("UPDATE deals_answer SET is_current = NOT is_current WHERE deal_id = %s", w.deal.pk)
    sql("UPDATE deals_answer SET is_current = NOT is_current WHERE deal_id = %s", w.deal.pk)


@attack()
def sql_renumber_an_answer(w):
    sql("UPDATE deals_answer SET id = id + 100000 WHERE id = %s", w.answer().pk)


@attack("sqlite")
def sql_replace_an_answer(w):
    names = ", ".join(field.column for field in Answer._meta.concrete_fields)
    values = names.replace("words", "'We take all of it'", 1)
    sql(
        f"INSERT OR REPLACE INTO deals_answer ({names}) SELECT {values} FROM deals_answer WHERE id = %s",
        w.answer().pk,
    )


@attack("sqlite")
def sql_replace_an_answer_by_a_newer_one(w):
    names = ", ".join(field.column for field in Answer._meta.concrete_fields if not field.primary_key)
    sql(
        f"INSERT OR REPLACE INTO deals_answer ({names}) SELECT {names} FROM deals_answer WHERE id = %s",
        w.answer().pk,
    )


COLUMNS = ", ".join(field.column for field in Deal._meta.concrete_fields)


def with_values(pk, **columns):
    """SELECT of the deal's row with some columns replaced."""
    names = [str(columns.get(name, name)) for name in COLUMNS.split(", ")]
    return f"SELECT {', '.join(names)} FROM deals_deal WHERE id = {pk}"
