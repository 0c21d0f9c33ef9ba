"""Writing other values to many rows at once: one statement for thousands of rows, whatever is written to each."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

_CHUNK = 5000


def rewrite(model, columns, rows):
    """Set the columns of each row; `rows` are (id, value of each column). Returns how many.

    Column names are those of the table. Values may be numbers, texts, booleans, dates or None.
    """
    rows = list(rows)
    for start in range(0, len(rows), _CHUNK):
        _write(model, columns, rows[start : start + _CHUNK])
    return len(rows)


def _write(model, columns, rows):
    table, read = model._meta.db_table, _ROWS[connection.vendor](model, columns)
    sets = ", ".join(f"{column} = given.{column}" for column in columns)
    given = json.dumps(rows, cls=DjangoJSONEncoder)
    statement = f"UPDATE {table} SET {sets} FROM ({read}) AS given WHERE {table}.id = given.id"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [given])


def _sqlite(model, columns):
    named = [f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(["id", *columns])]
    return f"SELECT {', '.join(named)} FROM json_each(%s)"  # noqa: S608


def _postgresql(model, columns):
    types = {field.column: field.rel_db_type(connection) for field in model._meta.concrete_fields}
    named = [f"(value ->> {place})::{types[name]} AS {name}" for place, name in enumerate(["id", *columns])]
    return f"SELECT {', '.join(named)} FROM jsonb_array_elements(%s::jsonb)"  # noqa: S608


_ROWS = {"sqlite": _sqlite, "postgresql": _postgresql}
