"""Pieces of SQL over the ledger that both engines read.

Only ids of stages and names of kinds are written into the text; whatever comes from an address is a parameter.
"""

import json
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


def deals_of(ids):
    """(SELECT of these ids as `deal_id`), one parameter."""
    if connection.vendor == "sqlite":
        return Asked("SELECT value AS deal_id FROM json_each(%s)", [json.dumps(ids)])
    return Asked("SELECT unnest(%s::bigint[]) AS deal_id", [ids])


def among(column, words):
    """Condition: the text is one of these."""
    if connection.vendor == "sqlite":
        return Asked(f"{column} IN (SELECT value FROM json_each(%s))", [json.dumps(words)])  # noqa: S608
    return Asked(f"{column} = ANY(%s)", [words])


def deals_moved(since, until, kinds):
    """(SELECT of the deals with a row of these kinds between two instants as `deal_id`)."""
    sql = (
        "SELECT DISTINCT deal_id FROM deals_transition WHERE happened_at >= %s AND happened_at < %s"  # noqa: S608
        f" AND kind IN ({quoted(kinds)})"
    )
    return Asked(sql, [instant(since), instant(until)])


def local_day(column, organisation):
    """The organisation's local date of an instant, as an expression."""
    sql, params = connection.ops.datetime_cast_date_sql(column, (), organisation.time_zone)
    for param in params:  # the zone's name, chosen from a list
        sql = sql.replace("%s", "'" + str(param).replace("'", "") + "'", 1)
    return sql


def seconds(column):
    """Whole seconds since 1970 of an instant, as text."""
    if connection.vendor == "sqlite":
        return f"CAST(strftime('%%s', {column}) AS TEXT)"
    return f"FLOOR(EXTRACT(EPOCH FROM {column}))::bigint::text"


def joined(text):
    """Aggregate: the texts with commas between."""
    return f"{'group_concat' if connection.vendor == 'sqlite' else 'string_agg'}({text}, ',')"


def passed_stages(rows):
    """(join, column) that unfold the stages a row of `rows` passed over."""
    if connection.vendor == "sqlite":
        return f"JOIN json_each({rows}.passed) p", "p.value"
    return f"CROSS JOIN LATERAL jsonb_array_elements_text({rows}.passed) AS p(value)", "p.value::bigint"
