"""Writing other values to many rows at once: one statement for thousands of rows, whatever is written to each."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

_CHUNK = 20_000
DIFFERS = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}


def rewrite(model, columns, rows):
    """Set the columns of each row; `rows` are (id, value of each column). Returns how many.

    Column names are those of the table. Values may be numbers, texts, booleans, dates or None.
    """
    rows = list(rows)
    for start in range(0, len(rows), _CHUNK):
        _write(model, columns, rows[start : start + _CHUNK])
    return len(rows)


def rewrite_alike(model, columns, groups, between=None):
    """The same values to all rows of a group, where they differ; returns how many did. `groups` are (ids, value of each
    column), the ids as computed.grouped gives them.

    `between`: the first and the last id of all, where they are few of the table's; else PostgreSQL reads all of it.
    """
    table, said = model._meta.db_table, ", ".join(columns)
    sets = ", ".join(f"{column} = given.{column}" for column in columns)
    were, are = (", ".join(f"{of}.{column}" for column in columns) for of in (table, "given"))
    alike, parameters = _ROWS[connection.vendor](model, ["ids", *columns], groups)
    one, each = _EACH[connection.vendor]
    statement = (
        f"UPDATE {table} SET {sets} FROM (SELECT {one} AS id, {said} FROM {alike}{each}) AS given"  # noqa: S608
        f" WHERE {table}.id = given.id AND ({were}) {DIFFERS[connection.vendor]} ({are})"
    )
    if between is not None:
        statement += f" AND {table}.id BETWEEN %s AND %s"
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, *(between or ())])
        return cursor.rowcount


def _write(model, columns, rows):
    table = model._meta.db_table
    sets = ", ".join(f"{column} = given.{column}" for column in columns)
    read, parameters = _ROWS[connection.vendor](model, ["id", *columns], rows)
    statement = f"UPDATE {table} SET {sets} FROM {read} WHERE {table}.id = given.id"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _sqlite(model, columns, rows):
    named = [f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(columns)]
    read = f"(SELECT {', '.join(named)} FROM json_each(%s)) AS given"  # noqa: S608
    return read, [json.dumps(rows, cls=DjangoJSONEncoder)]


def _postgresql(model, columns, rows):
    types = {field.column: field.rel_db_type(connection) for field in model._meta.concrete_fields}
    arrays = ", ".join(f"%s::{types.get(name, 'text')}[]" for name in columns)
    return f"unnest({arrays}) AS given({', '.join(columns)})", [
        list(values) for values in zip(*rows, strict=True)
    ]


_ROWS = {"sqlite": _sqlite, "postgresql": _postgresql}
_EACH = {
    "sqlite": ("each.value", ", json_each(given.ids) AS each"),
    "postgresql": ("unnest(given.ids::bigint[])", ""),
}
