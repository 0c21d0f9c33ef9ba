"""The rows of flow, written down by the tick for the deals whose ledger went on.

A deal's ledger only ever grows, so what was read from it holds until its number of rows is another one: `flow_seq` is
the number that was read. The database itself knows whose differs (index deal_flow_due), whatever moved the deal.
"""

import time

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from deals.models import Deal
from deals.rows.among import Among

from ..models import Reached, Stay
from . import ledger, sql

CHUNK = 2000
A_TICK = 20


def due():
    """Deals whose newest rows are not kept. In this order the index alone answers, whatever the planner expects."""
    return Deal.objects.filter(~Q(seq=F("flow_seq"))).order_by("seq", "pk")


def duty(_now):
    """The duty of the tick. Whatever is left goes on in the next."""
    done = go_on(A_TICK)
    return _("The way of %d deals through their stages written down") % done if done else None


def go_on(limit=None):
    """Until nothing is due or so many seconds are over. Returns how many deals were written down."""
    end, done = time.monotonic() + (limit or 0), 0
    while written := _chunk():
        done += written
        if limit is not None and time.monotonic() > end:
            break
    return done


@transaction.atomic
def _chunk():
    """Deals that somebody is moving right now are left for later; the others move when this is through."""
    skip = {"skip_locked": True} if connection.features.has_select_for_update_skip_locked else {}
    found = due().select_for_update(of=("self",), **skip)
    ids = list(found.values_list("pk", flat=True)[:CHUNK])
    if ids:
        for model, columns, rows in (
            (Reached, ledger.REACHED, ledger.reached),
            (Stay, ledger.STAYS, ledger.stays),
        ):
            model.objects.filter(Among("deal_id", ids)).delete()
            _insert(model, columns, rows(sql.deals_of(ids)))
        Deal.objects.filter(Among("pk", ids)).update(flow_seq=F("seq"))
    return len(ids)


def _insert(model, columns, rows):
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) {rows.sql}",
            rows.params,
        )
