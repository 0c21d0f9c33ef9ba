"""Measuring: medians of interleaved runs, statements, sizes, memory."""

import os
import resource
import statistics
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

from django.db import connection
from django.db.backends.signals import connection_created
from django.test.utils import CaptureQueriesContext


@dataclass
class Result:
    """One line of the table. Times in ms; None where it was not measured."""

    name: str
    median: float | None = None
    slowest: float | None = None
    processor: float | None = None
    statements: int | None = None
    in_database: float | None = None
    kilobytes: float | None = None
    note: str = ""


def interleaved(actions, runs):
    """{name: [(ms, ms of processor time)]}: all actions once, then all again; a busy moment hits all alike."""
    found = {name: [] for name in actions}
    for _run in range(runs):
        for name, action in actions.items():
            found[name].append(timed(action))
    return found


def timed(action):
    """(ms, ms of processor time), which others on the machine disturb less: this process's and its server processes'.

    What asking for the server's takes is not counted.
    """
    server, used, start = _server(), time.process_time(), time.perf_counter()
    action()
    taken, used = time.perf_counter() - start, time.process_time() - used
    return taken * 1000, (used + _server() - server) * 1000


def _server():
    """Seconds, in hundredths, where it is PostgreSQL on this machine and tells.

    Of all processes that serve this database now, and of all that the server had before.
    """
    if connection.vendor != "postgresql":
        return 0
    connection.ensure_connection()
    try:
        own = _stat(connection.connection.info.backend_pid)
        if not own.name.endswith("(postgres"):
            return 0
        return _used_by(own.parent, f" {connection.settings_dict['NAME']} ") / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0


def _used_by(main, database):
    """By the main process's ended children and those that serve this database. One that ends meanwhile is in neither,
    or in both, and one that has ended without being counted yet has no title: then it is asked again."""
    while True:
        ended, children = _stat(main).of_ended, list(_children(main))
        if all(child.title for child in children) and _stat(main).of_ended == ended:
            return ended + sum(child.used for child in children if database in child.title)


def _children(parent):
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                stat = _stat(folder.name)
                if stat.parent == parent:
                    yield stat


def _stat(pid):
    told, title = Path("/proc", str(pid), "stat").read_text(), Path("/proc", str(pid), "cmdline").read_text()
    name, _bracket, rest = told.rpartition(")")
    parts = rest.split()
    user, system, *ended = map(int, parts[11:15])
    return SimpleNamespace(
        name=name, title=title, parent=int(parts[1]), used=user + system, of_ended=sum(ended)
    )


def statements(action):
    """(what the action returns, number of SQL statements, their ms). Savepoints count as statements.

    Those that it sends by connections of its own count as well.
    """
    others = []

    def listen(connection, **_details):
        connection.force_debug_cursor = True
        others.append(connection.queries_log)

    connection_created.connect(listen)
    try:
        with CaptureQueriesContext(connection) as captured:
            answer = action()
    finally:
        connection_created.disconnect(listen)
    sent = [*captured.captured_queries, *(query for log in others for query in log)]
    return answer, len(sent), sum(float(query["time"]) for query in sent) * 1000


def result(name, times, **more):
    taken, used = zip(*times, strict=True)
    return Result(name, statistics.median(taken), max(taken), statistics.median(used), **more)


def once(action):
    """Seconds and peak memory of something done once."""
    taken, used = timed(action)
    return {"seconds": taken / 1000, "processor": used / 1000, "megabytes": peak_megabytes()}


def peak_megabytes():
    """The most memory this process held so far."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024 * 1024 if sys.platform == "darwin" else 1024)
