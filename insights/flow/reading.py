"""The rows of flow that a lens looks at: those kept, and those of deals whose ledger went on since, from the ledger."""

from ..models import Reached, Stay
from ..once import once
from . import keeping, ledger, sql

# Of so many deals the ledger is asked beside what is kept; of more (an update, a large import) for the whole period.
FEW = 2000


def reached(lens):
    """SELECT of the rows of flow.ledger.reached whose `at` lies in the period."""
    return _found(lens, Reached, ledger.REACHED, ledger.reached, "at", sql.PLACING)


def stays(lens):
    """SELECT of the rows of flow.ledger.stays whose end lies in the period."""
    return _found(lens, Stay, ledger.STAYS, ledger.stays, "ended", sql.LEAVING)


@once
def _due(lens):
    """Ids of the deals whose kept rows are not the newest; None where they are too many. One statement."""
    ids = list(keeping.due().values_list("pk", flat=True)[: FEW + 1])
    return None if len(ids) > FEW else ids


def _found(lens, model, columns, rows, when, kinds):
    due = _due(lens)
    if due is None:
        source = rows(sql.deals_moved(lens.since, lens.until, kinds))
    else:
        source = _kept(model, columns, due)
        if due:
            source = _together(source, rows(sql.deals_of(due)), columns)
    text = f"SELECT {', '.join(columns)} FROM ({source.sql}) f WHERE {when} >= %s AND {when} < %s"  # noqa: S608
    asked = sql.Asked(text, [*source.params, sql.instant(lens.since), sql.instant(lens.until)])
    return asked if lens.is_whole else _of_deals(asked, lens.deals())


def _kept(model, columns, due):
    text = f"SELECT {', '.join(columns)} FROM {model._meta.db_table}"  # noqa: S608  see sql.py
    if not due:
        return sql.Asked(text)
    without = sql.deals_of(due)
    return sql.Asked(f"{text} WHERE deal_id NOT IN ({without.sql})", without.params)


def _together(one, other, columns):
    text = f"{one.sql} UNION ALL SELECT {', '.join(columns)} FROM ({other.sql}) g"  # noqa: S608  see sql.py
    return sql.Asked(text, [*one.params, *other.params])


def _of_deals(asked, deals):
    own, params = deals.order_by().values("pk").query.sql_with_params()
    return sql.Asked(f"{asked.sql} AND deal_id IN ({own})", [*asked.params, *params])
