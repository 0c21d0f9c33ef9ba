"""A fingerprint of everything a refusal must leave as it was."""

import hashlib

from django.db import connection

from deals.models import (
    Activity,
    Answer,
    Approval,
    CoachingNote,
    Contradiction,
    Deal,
    Firing,
    GateException,
    LossReview,
    MailDraft,
    Objection,
    Recap,
    RecapLine,
    Task,
    Transition,
)
from outbox.models import Mail

LEARNT = [CoachingNote, LossReview]
AGREED = [Approval, Objection, Contradiction, GateException]
TABLES = [
    Deal,
    Transition,
    Answer,
    Activity,
    Task,
    Recap,
    RecapLine,
    Mail,
    Firing,
    MailDraft,
    CoachingNote,
    LossReview,
    *AGREED,
]


_last = {}  # what the database had written when the rows were last read -> their fingerprint


def fingerprint():
    """One hash over all rows of the tables that a refusal must not touch.

    The rows are not read again where the database itself says that this transaction has written none since.
    """
    written = _written()
    if written is None:
        return _of_rows()
    if written not in _last:
        _last.clear()
        _last[written] = _of_rows()
    return _last[written]


def forget():
    """Another test may have undone what was written."""
    _last.clear()


def _written():
    """How many rows this transaction has written so far (PostgreSQL: of those tables), undone ones included; None where
    others write too."""
    if not connection.in_atomic_block:
        return None
    here = (id(connection.connection), *connection.savepoint_ids)
    if connection.vendor == "sqlite":
        return (*here, connection.connection.total_changes)
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN_HERE)
        return (*here, *cursor.fetchone())


# Of these tables alone: the view of all of them takes PostgreSQL ten times as long.
_NAMES = ", ".join(f"'{model._meta.db_table}'" for model in TABLES)
_KINDS = " + ".join(f"pg_stat_get_xact_tuples_{kind}(name)" for kind in ("inserted", "updated", "deleted"))
_WRITTEN_HERE = f"SELECT now(), sum({_KINDS}) FROM unnest(ARRAY[{_NAMES}]::regclass[]) AS name"


def _of_rows():
    """As the database gives them: to make objects of them would take ten times as long and show no more."""
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for model in TABLES:
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY {model._meta.pk.column}")
            digest.update(repr((model._meta.db_table, cursor.fetchall())).encode())
    return digest.hexdigest()
