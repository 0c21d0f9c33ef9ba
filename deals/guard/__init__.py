"""The guard: database triggers that let nothing but a ledger row change where a deal stands.

T1  a deal is inserted at its pipeline's entry stage, open, with seq 0 and no ledger rows
T2  stage, status, seq and pipeline of a deal change only to what its newest ledger row says; deals are not deleted
T3  a ledger row continues the chain: next seq, from = where the deal stands, a legal kind, the previous hash
T4  ledger rows are never updated, deleted or truncated
T5  published definitions are never changed, but for ending with the publication of a later version
T6  a pipeline's version and entry stage are those of its newest publication
T7  answers are never deleted; what was said, by whom and in which conversation is never changed, and an answer that
    was replaced stays so. Judging it anew, and pointing it to the contact somebody was merged into, is no change.
T8  rows of rules.KEPT (refused moves; of apps above: the forecast as it was) are never updated, deleted or truncated
An AFTER INSERT trigger on the ledger ("follow") moves the deal.
"""

from django.db import connection as default_connection
from django.db import connections

from . import postgresql, rules, sqlite

_DIALECTS = {"postgresql": postgresql, "sqlite": sqlite}


def _dialect(connection):
    return _DIALECTS[connection.vendor]


def install(connection=default_connection):
    """Install all triggers; safe to run again."""
    lift(connection)
    with connection.cursor() as cursor:
        for statement in _dialect(connection).create_statements():
            cursor.execute(statement)


def lift(connection=default_connection):
    """Drop all triggers. For migrations that rebuild tables and for emptying test databases, nothing else."""
    with connection.cursor() as cursor:
        for statement in _dialect(connection).drop_statements():
            cursor.execute(statement)


def names(connection=default_connection):
    """Names of all triggers the guard consists of."""
    return [name for name, _table, _sql in _dialect(connection).triggers()]


def missing(connection=default_connection, by_name=False):
    """Names of the triggers that are not there, are switched off, or do something else. Empty: the guard stands.

    `by_name` takes a trigger for what it is called: while an upgrade goes on, the guard may be another release's.
    """
    dialect = _dialect(connection)
    with connection.cursor() as cursor:
        cursor.execute(dialect.PRESENT)
        rows = cursor.fetchall()
    standing = {row[0] for row in rows} if by_name else dialect.standing(rows)
    return [name for name in names(connection) if name not in standing]


def remove(name, connection=default_connection):
    """Drop one trigger, so that a test can show what it was for."""
    table = {trigger: table for trigger, table, _sql in _dialect(connection).triggers()}[name]
    with connection.cursor() as cursor:
        cursor.execute(_dialect(connection).drop_one(name, table))


def lift_for_migration(sender, using, **kwargs):
    """pre_migrate: a table rebuild on SQLite would drop or break triggers."""
    lift(connections[using])


def install_after_migration(sender, using, **kwargs):
    """post_migrate: the guard stands again before anything is served."""
    tables = connections[using].introspection.table_names()
    if {rules.LEDGER, rules.ANSWER, rules.PIPELINE, *rules.KEPT} <= set(tables):
        install(connections[using])
