"""Putting many rows into a table at once: COPY on PostgreSQL, one prepared INSERT on SQLite. Triggers fire on both."""

import json

from django.db import connection, models

_PLAIN = (models.IntegerField, models.BooleanField, models.CharField, models.TextField, models.ForeignKey)


def insert(model, columns, rows):
    """Insert rows given as their values in the order of `columns`, which are names of the table's.

    Whatever a column's default is elsewhere, here it has to be given.
    """
    table, names = model._meta.db_table, ", ".join(columns)
    fields = {field.column: field for field in model._meta.concrete_fields}
    rows = _as_stored([fields[name] for name in columns], rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = f"COPY {table} ({names}) FROM STDIN"
            with (
                connection.wrap_database_errors,
                cursor.copy(statement) as copy,
            ):  # a COPY raises the driver's own
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608


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
        return json.dumps
    if isinstance(field, _PLAIN) or connection.vendor == "postgresql":
        return None
    if isinstance(field, models.DateTimeField):
        return _naive
    return lambda value: field.get_db_prep_save(value, connection)


def _naive(moment):
    """How SQLite keeps an instant; ours are all in UTC."""
    return str(moment.replace(tzinfo=None))
