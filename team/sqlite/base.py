"""Django's SQLite, with writers that take turns.

Who finds the file taken asks again, ten times a second at last, and has it who asks at the right moment. A sweep or an
import that writes chunk after chunk leaves moments of less than a millisecond: the others would ask for their twenty
seconds and be told that the database is locked. So one at a time may ask, and the others stand in line for that, as
does who has just written and wants to write again.
"""

import os
import time
from contextlib import contextmanager

from django.db.backends.sqlite3 import base

try:
    import fcntl
except ImportError:  # Windows: without a line, as SQLite does it
    fcntl = None


class DatabaseWrapper(base.DatabaseWrapper):
    def _start_transaction_under_autocommit(self):
        since = time.monotonic()
        with _line(None if self.is_in_memory_db() else self.settings_dict["NAME"]), self._patience(since):
            super()._start_transaction_under_autocommit()

    @contextmanager
    def _patience(self, since):
        """Asking takes no longer than what standing in line has left of the time there is for both."""
        whole = self.settings_dict["OPTIONS"].get("timeout", 5)
        left = whole - (time.monotonic() - since)
        if left > whole - 0.1:
            yield
            return
        self._ask_for(max(left, 0.1))
        try:
            yield
        finally:
            self._ask_for(whole)

    def _ask_for(self, seconds):
        self.connection.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


@contextmanager
def _line(path):
    """First come, first served: the system wakes who waits for a lock of a file in the order they came."""
    if fcntl is None or path is None:
        yield
        return
    file = os.open(f"{path}.line", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
