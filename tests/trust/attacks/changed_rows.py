"""B12, B13: ledger rows rewritten or deleted."""

from deals.models import Transition

from ..world import sql
from .families import family

attack = family("changed ledger rows")


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
