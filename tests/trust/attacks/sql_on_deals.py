"""B13: a deal written in SQL."""

from django.db import connection

from deals.models import Deal

from ..world import sql
from .families import family

attack = family("SQL on deals")
COLUMNS = ", ".join(field.column for field in Deal._meta.concrete_fields)


def with_values(pk, **columns):
    """SELECT of the deal's row with some columns replaced."""
    names = [str(columns.get(name, name)) for name in COLUMNS.split(", ")]
    return f"SELECT {', '.join(names)} FROM deals_deal WHERE id = {pk}"


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
