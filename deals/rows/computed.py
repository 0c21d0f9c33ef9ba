"""Writing what the database works out itself: nothing is read here, and a row is written only where it differs."""

from django.core.exceptions import EmptyResultSet
from django.db import connection

from .rewriting import DIFFERS

_IDS = {"sqlite": "json_group_array(id)", "postgresql": "array_agg(id)::text"}


def write(rows, columns, stored=None, where="TRUE"):
    """Set columns of the rows of a queryset to what an expression over each row comes to. Returns how many differed.

    `columns`: {name: expression}, a column of the table each. Where more is to be done with them, `stored` says in SQL
    what goes into which column, and `where` for which rows; there an expression is called given.NAME.
    """
    table, fields = rows.model._meta.db_table, rows.model._meta.concrete_fields
    types = {field.column: field.rel_db_type(connection) for field in fields}
    stored = {name: _typed(sql, types[name]) for name, sql in (stored or _as_given(columns)).items()}
    sets = ", ".join(f"{name} = {sql}" for name, sql in stored.items())
    were, are = ", ".join(f"{table}.{name}" for name in stored), ", ".join(stored.values())
    return _run(
        rows,
        columns,
        f"UPDATE {table} SET {sets} FROM {{given}}"  # noqa: S608
        f" WHERE {table}.id = given.id AND {where} AND ({were}) {DIFFERS[connection.vendor]} ({are})",
        lambda cursor: cursor.rowcount,
        0,
    )


def _as_given(columns):
    return {name: f"given.{name}" for name in columns}


def _typed(sql, kind):
    """PostgreSQL takes NULL for a text unless it is told; a date of SQLite is one."""
    return f"({sql})::{kind}" if connection.vendor == "postgresql" else sql


def grouped(rows, columns, nothing=None):
    """[(values, ids)] of the rows that are alike; ids as `among.AmongGrouped` takes them, unread. Left out are rows all
    of whose values are `nothing`."""
    names = ", ".join(columns)
    left_out = " AND ".join(f"{name} = {nothing}" for name in columns)
    which = "" if nothing is None else f"WHERE NOT ({left_out}) "
    found = _run(
        rows,
        columns,
        f"SELECT {_IDS[connection.vendor]}, {names} FROM {{given}} {which}GROUP BY {names}",  # noqa: S608
        lambda cursor: cursor.fetchall(),
        [],
    )
    return [(values, ids) for ids, *values in found]


def how_many(ids):
    return ids.count(",") + 1


def _run(rows, columns, statement, result, nothing):
    """The statement with a table in the place of {given} that has the id and a value for each column, each worked out
    once. It begins as it does, since SQLite counts the rows that an UPDATE writes, and none where it begins WITH."""
    named = {f"given_{name}": expression for name, expression in columns.items()}
    try:
        read, parameters = rows.order_by().annotate(**named).values_list("pk", *named).query.sql_with_params()
    except EmptyResultSet:
        return nothing
    names = ", ".join(columns)
    given = f"(WITH given(id, {names}) AS MATERIALIZED ({read}) SELECT * FROM given) AS given"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{given}", given), parameters)
        return result(cursor)
