"""After a test that committed, its database is empty again, and the guard stands.

Only tables that hold a row are touched: to TRUNCATE all of them, as Django would, takes PostgreSQL ten times as long.
"""

from contextlib import contextmanager
from functools import cache

from django.contrib.contenttypes.models import ContentType
from django.db import connections, transaction

from deals import guard
from deals.guard import sqlite


def empty(alias):
    connection = connections[alias]
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        cursor.execute(_which_are_filled(alias))
        filled = [row[0] for row in cursor.fetchall()]
        with _UNGUARDED[connection.vendor](cursor, filled):
            for table in filled:
                cursor.execute(f'DELETE FROM "{table}"')
    if guard.missing(connection):  # the test was about one that is away
        guard.install(connection)
    ContentType.objects.clear_cache()


@cache
def _which_are_filled(alias):
    tables = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM \"{table}\")" for table in tables
    )


@contextmanager
def _on_postgresql(cursor, _filled):
    """Neither the guard nor foreign keys have a say for the rest of the transaction."""
    cursor.execute("SET LOCAL session_replication_role = replica")
    yield


@contextmanager
def _on_sqlite(cursor, filled):
    """The triggers that refuse it are away meanwhile; foreign keys are looked at when all is gone."""
    cursor.execute(sqlite.PRESENT)
    present = {row[0] for row in cursor.fetchall()}
    refusing = [
        row for row in sqlite.triggers() if row[0] in present and row[1] in filled and "DELETE ON" in row[2]
    ]
    for name, table, _statement in refusing:
        cursor.execute(sqlite.drop_one(name, table))
    yield
    for _name, _table, statement in refusing:
        cursor.execute(statement)


_UNGUARDED = {"postgresql": _on_postgresql, "sqlite": _on_sqlite}
