"""What somebody does who owns the database: lifts the guard, changes what he likes, puts the guard back."""

import io
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

from deals import guard
from deals.models import Transition
from deals.moves.ledger import hash_of


@contextmanager
def guard_lifted():
    """PostgreSQL lets nobody drop triggers of a table that has checks waiting, hence the constraints."""
    settle_constraints()
    guard.lift(connection)
    yield
    settle_constraints()
    guard.install(connection)


def settle_constraints():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def alter(statement, *values):
    """One statement behind everybody's back."""
    with guard_lifted():
        sql(statement, *values)


def rehash(deal):
    """Make the chain of a deal consistent again, as somebody would who knows how rows are hashed."""
    previous = ""
    with guard_lifted():
        for row in Transition.objects.filter(deal=deal).order_by("seq"):
            row.prev_hash = previous
            previous = hash_of(row)
            sql(
                "UPDATE deals_transition SET prev_hash=%s, hash=%s WHERE id=%s",
                row.prev_hash,
                previous,
                row.pk,
            )


def verified(*arguments, **options):
    """(exit status, the lines that name something, the last line) of verify_history."""
    out, status = io.StringIO(), 0
    try:
        call_command("verify_history", *arguments, stdout=out, **options)
    except SystemExit as end:
        status = end.code
    *found, last = out.getvalue().splitlines()
    return status, found, last
