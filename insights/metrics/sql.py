"""Pieces of SQL over the ledger that both engines read: rows of the deals of a window, without what was undone.

Only ids of stages and names of kinds are written into the text; whatever comes from an address is a parameter.
"""

from dataclasses import dataclass, field

from django.db import connection
from django.db.models.expressions import RawSQL

from deals.models import CLOSED_STATUSES, Kind

# Rows that put a deal into a stage.
PLACING = [
    Kind.CREATE, Kind.IMPORT, Kind.ADVANCE, Kind.EXCEPTION, Kind.BACK, Kind.WIN, Kind.REOPEN, Kind.REMAP,
    Kind.TRANSFER,
]  # fmt: skip
# Rows that may end a stay in a stage.
LEAVING = [
    Kind.ADVANCE, Kind.EXCEPTION, Kind.WIN, Kind.BACK, Kind.LOSE, Kind.ARCHIVE, Kind.REMAP, Kind.TRANSFER,
]  # fmt: skip


@dataclass
class Asked:
    """SQL with its parameters, in the order they stand in the text."""

    sql: str
    params: list = field(default_factory=list)

    def rows(self):
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            return cursor.fetchall()

    def as_ids(self):
        """The same as an expression for `pk__in`, where it selects deals."""
        return RawSQL(self.sql, self.params)  # noqa: S611  our own text, see the module


def quoted(words):
    """'a', 'b' of names of our own."""
    return ", ".join(f"'{word!s}'" for word in map(str, words))


def numbers(ids):
    return ", ".join(str(int(pk)) for pk in ids) or "NULL"


CLOSED = quoted(CLOSED_STATUSES)
# A row that was undone, and the undoing, count for nothing. An import's first row says where deals begin, not where
# this one was: the landing counts.
STANDS = (
    "t.kind <> 'undo' AND NOT (t.seq = 1 AND d.landed_in_id IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM"
    " deals_transition u WHERE u.kind = 'undo' AND u.deal_id = t.deal_id AND u.seq = t.seq + 1)"
)


def instant(moment):
    """An instant as a parameter."""
    return connection.ops.adapt_datetimefield_value(moment)


def window(lens, kinds):
    """'w': the lens' deals that have a row of these kinds in the period."""
    sql = (
        "w AS (SELECT DISTINCT deal_id FROM deals_transition"  # noqa: S608  see above
        f" WHERE happened_at >= %s AND happened_at < %s AND kind IN ({quoted(kinds)}){{}})"
    )
    params = [instant(lens.since), instant(lens.until)]
    if lens.is_whole:
        return Asked(sql.format(""), params)
    own, more = lens.deals().order_by().values("pk").query.sql_with_params()
    return Asked(sql.format(f" AND deal_id IN ({own})"), [*params, *more])


def local_day(column, organisation):
    """The organisation's local date of an instant, as an expression."""
    sql, params = connection.ops.datetime_cast_date_sql(column, (), organisation.time_zone)
    for param in params:  # the zone's name, chosen from a list
        sql = sql.replace("%s", "'" + str(param).replace("'", "") + "'", 1)
    return sql


def days_between(start, end):
    """Whole days from one date to another, as an expression."""
    if connection.vendor == "sqlite":
        return f"CAST(julianday({end}) - julianday({start}) AS INTEGER)"
    return f"({end} - {start})"


def passed_stages(rows):
    """(join, column) that unfold the stages a row of `rows` passed over."""
    if connection.vendor == "sqlite":
        return f"JOIN json_each({rows}.passed) p", "p.value"
    return f"CROSS JOIN LATERAL jsonb_array_elements_text({rows}.passed) AS p(value)", "p.value::bigint"
