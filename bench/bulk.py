"""Many rows in one statement: COPY on PostgreSQL, one prepared INSERT on SQLite. Triggers fire on both."""

from itertools import count
from operator import attrgetter

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Max

from deals.rows import inserting


def insert(model, rows):
    """Insert model instances that carry their ids and every date."""
    fields = model._meta.concrete_fields
    read = attrgetter(*(field.attname for field in fields))
    inserting.insert(model, [field.column for field in fields], map(read, rows))


def insert_select(model, columns, source, parameters=(), before=""):
    """INSERT ... SELECT. `columns` maps a field to its SQL; fields not named get their default. `before`: a WITH."""
    ours = [
        field for field in model._meta.concrete_fields if not (field.primary_key or field.has_db_default())
    ]
    found = {field.column: _default(field) for field in ours}
    found.update({model._meta.get_field(name).column: sql for name, sql in columns.items()})
    names, expressions = ", ".join(found), ", ".join(found.values())
    run(f"INSERT INTO {model._meta.db_table} ({names}) {before} SELECT {expressions} {source}", parameters)


def _default(field):
    if field.null and not field.has_default():
        return "NULL"
    value = field.get_default()
    if isinstance(value, (bool, int)):
        return str(value).upper()
    return f"'{value}'"


def run(sql, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))


def ids(model):
    """Ids to give to new rows, above those that are taken."""
    return count((model.objects.aggregate(last=Max("pk"))["last"] or 0) + 1)


def follow_ids(*tables):
    """Let the database count on from ids that were given, not drawn."""
    for sql in connection.ops.sequence_reset_sql(no_style(), tables):
        run(sql)


def day_of(column, days=0):
    """SQL for the UTC date of an instant, so many days later."""
    if connection.vendor == "postgresql":
        return f"(({column} AT TIME ZONE 'UTC')::date + {days})"
    return f"date({column}, '+{days} days')"


def widen():
    """SQLite keeps 2 MB of pages by default; a bulk load then reads and writes them over and over."""
    if connection.vendor == "sqlite":
        run("PRAGMA cache_size = -400000")


def narrow():
    """Measure with what the product has."""
    if connection.vendor == "sqlite":
        run("PRAGMA cache_size = -2000")


def vacuum():
    """What autovacuum does on PostgreSQL over the days that are skipped here; else it does it while we measure."""
    if connection.vendor == "postgresql":
        run("VACUUM ANALYZE")


def analyse():
    """What autovacuum does on PostgreSQL by itself, soon after many rows came in. SQLite runs without, as it ships."""
    if connection.vendor == "postgresql":
        run("ANALYZE")
