"""Putting many rows into a table at once: COPY on PostgreSQL, one prepared INSERT on SQLite. Triggers fire on both."""

import json
from datetime import UTC

from django.db import connection, models

_PLAIN = (models.IntegerField, models.BooleanField, models.CharField, models.TextField, models.ForeignKey)


def insert(model, columns, rows):
    """Insert rows given as their values in the order of `columns`, which are names of the table's.

    Columns that are not named get what the model gives them.
    """
    fields = {field.column: field for field in model._meta.concrete_fields}
    others = [f for f in fields.values() if f.column not in columns and not f.primary_key]
    defaults = [field.get_default() for field in others]
    names = [*columns, *(field.column for field in others)]
    whole = ([*row, *defaults] for row in rows)
    _write(model._meta.db_table, names, _as_stored([fields[name] for name in names], whole))


def _write(table, names, rows):
    said = ", ".join(names)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f"COPY {table} ({said}) FROM STDIN"
            with (
                connection.wrap_database_errors,
                cursor.copy(statement) as copy,
            ):  # a COPY raises the driver's own
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {table} ({said}) VALUES ({marks})", rows)  # noqa: S608


def _as_stored(fields, rows):
    """Each row as the engine's driver takes it; most columns need nothing done."""
    converted = [(place, found) for place, field in enumerate(fields) if (found := _converter(field))]
    for row in rows:
        values = list(row)
        for place, convert in converted:
            if values[place] is not None:
                values[place] = convert(values[place])
        yield values


def _converter(field):
    if field.choices:
        return str if isinstance(field, models.CharField) else None
    if isinstance(field, models.JSONField):
        return _said
    if isinstance(field, _PLAIN) or connection.vendor == "postgresql":
        return None
    if isinstance(field, models.DateTimeField):
        return _naive
    return lambda value: field.get_db_prep_save(value, connection)


def _said(value):
    """Most rows carry an empty list."""
    return "[]" if value == [] else json.dumps(value)


def _naive(moment):
    """How SQLite keeps an instant: in UTC, without saying so."""
    return str(moment.astimezone(UTC).replace(tzinfo=None))
