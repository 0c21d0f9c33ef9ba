"""Measuring: medians of interleaved runs, statements, sizes, memory."""

import os
import resource
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
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
    """(ms, ms of processor time), which others on the machine disturb less: this process's and its server process's."""
    start, used = time.perf_counter(), _used()
    action()
    return (time.perf_counter() - start) * 1000, (_used() - used) * 1000


def _used():
    """Seconds. The server's share where it is PostgreSQL on this machine and tells, in hundredths of a second."""
    return time.process_time() + _server()


def _server():
    if connection.vendor != "postgresql" or connection.connection is None:
        return 0
    try:
        told = Path("/proc", str(connection.connection.info.backend_pid), "stat").read_text()
    except OSError:
        return 0
    name, _bracket, rest = told.rpartition(")")
    user, system = rest.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK") if name.endswith("(postgres") else 0


def statements(action):
    """(what the action returns, number of SQL statements, their ms). Savepoints count as statements."""
    with CaptureQueriesContext(connection) as captured:
        answer = action()
    return answer, len(captured), sum(float(query["time"]) for query in captured.captured_queries) * 1000


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
