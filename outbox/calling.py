"""Whoever can send at once is called when something was put into the outbox; without them the next tick sends it."""

from django.db import connection, transaction

# Called without arguments after the commit, once for each transaction. See automations.apps.
senders = []


def call():
    """After the row is written, as outside of a transaction they are called at once."""
    for sender in senders:
        if not any(sender is waiting for _savepoints, waiting, *_robust in connection.run_on_commit):
            transaction.on_commit(sender, robust=True)
