"""A second lane: while the server writes one chunk, the next is worked out here. SQLite has one writer, so one lane."""

import threading
from contextvars import copy_context

from django.db import connection


class Lanes:
    """`work`, given a function that says when to stop, runs beside the caller from the first call of `widen` on.

    With a connection of its own, so what it does is never part of the caller's transaction: inside of one there is no
    second lane. It has ended when the block is left; what it gave is in `given`, what went wrong there is raised.
    """

    def __init__(self, work):
        self.given, self._work, self._thread, self._failed = [], work, None, None
        self._over = threading.Event()
        self._may = connection.vendor == "postgresql" and not connection.in_atomic_block

    def __enter__(self):
        return self

    def __exit__(self, failed, *_details):
        try:
            if failed is None and self._thread is not None:
                self._thread.join()
        finally:
            self._over.set()  # where it is not at its end, it ends after its chunk
        if failed is None and self._failed is not None:
            raise self._failed

    def widen(self):
        """There is more than one can do at a time."""
        if self._may and self._failed is None and not (self._thread and self._thread.is_alive()):
            # What this sweep remembers is remembered there, too.
            self._thread = threading.Thread(target=copy_context().run, args=[self._beside], name="sweep")
            self._thread.start()

    def _beside(self):
        try:
            self.given.append(self._work(self._over.is_set))
        except Exception as error:
            self._failed = error
        finally:
            connection.close()
