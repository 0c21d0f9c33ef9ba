"""The child process of one engine: makes the deals, measures, writes what it found as JSON.

usage: python -m bench.inside DEALS SEED RUNS LIVE FILE BENCHMARK...      (started by `python -m bench`)
"""

import json
import platform
import sys
from pathlib import Path

import django


def main(deals, seed, runs, live, file, *wanted):
    django.setup()
    from . import measure

    _ready()
    found = {"engine": _engine(), "machine": _machine(), "deals": int(deals)}
    found["generate"] = measure.once(lambda: _make(int(deals), int(seed), wanted))
    found["results"] = [vars(result) for name in wanted for result in _measured(name, int(runs), int(live))]
    Path(file).write_text(json.dumps(found))


def _measured(name, runs, live):
    """`live`: how many live deals to measure on, 0 for as many as the benchmark has of its own."""
    from .benchmarks import BENCHMARKS, GROWN

    return BENCHMARKS[name](runs, live) if live and name in GROWN else BENCHMARKS[name](runs)


def _ready():
    """An empty database with the guard; anything in it is somebody's."""
    from django.core.management import call_command
    from django.db import connection

    if connection.introspection.table_names():
        sys.exit(
            "The database that DATABASE_URL names is not empty; the benchmark makes deals by the thousand."
        )
    call_command("migrate", interactive=False, verbosity=0)
    from deals import guard

    if missing := guard.missing():
        sys.exit(f"The guard is not complete: {', '.join(missing)}")


def _make(deals, seed, wanted):
    """One by one, or some of them and copies, where a benchmark wants so many that this would take hours."""
    from . import benchmarks, copies
    from .generator import generate

    copied = deals > copies.GENERATED and set(wanted) <= benchmarks.OF_COPIES
    generate(copies.GENERATED if copied else deals, seed=seed, say=_say)
    if copied:
        copies.multiply(deals, say=_say)


def _say(words):
    print(words, flush=True)


def _engine():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT version()" if connection.vendor == "postgresql" else "SELECT sqlite_version()")
        version = cursor.fetchone()[0]
    return f"{connection.display_name} {version.split(' ')[1] if ' ' in version else version}"


def _machine():
    import os

    return f"{os.cpu_count()} cores, Python {platform.python_version()}, Django {django.get_version()}"


if __name__ == "__main__":
    main(*sys.argv[1:])
