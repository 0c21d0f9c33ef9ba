"""B12, B13: answers made to say what they did not."""

from deals.models import Answer

from ..world import sql
from .families import family

attack = family("answers as they were given")


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
