"""How long an import takes: python bench/import_bench.py [rows] [runs], against DATABASE_URL or a SQLite file.

Prints the median of the runs in seconds (by the clock, and of one processor: a busy machine shows the difference),
the most memory taken and the statements sent. Each run imports into an
empty database of its own, made and dropped here.
"""

import os
import resource
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.utils import timezone  # noqa: E402


class Counter:
    def __init__(self):
        self.statements = 0

    def __call__(self, execute, sql, params, many, context):
        self.statements += 1
        return execute(sql, params, many, context)


def main(rows=8800, runs=3):
    if connection.vendor == "sqlite":
        settings.DATABASES["default"]["TEST"]["NAME"] = str(Path(settings.DATA_DIR) / "bench.sqlite3")
    runner = DiscoverRunner(verbosity=0, interactive=False)
    seconds = []
    for _run in range(runs):
        databases = runner.setup_databases()
        seconds.append(one(rows))
        runner.teardown_databases(databases)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{connection.vendor}: {rows} rows, median {statistics.median(seconds):.1f} s of {runs}, {memory:.0f} MB"
    )


def one(rows):
    from deals.importing import landing, reading
    from deals.importing.checking import Plan
    from pipeline.documents import read
    from pipeline.loading import TEMPLATES, load
    from tests.data.exports import opportunities_csv
    from tests.factories import make_admin

    admin = make_admin()
    pipeline = load(read(TEMPLATES / "b2b-seven-stages.toml"), by=admin, owner=admin, publish=True, note="")
    data = opportunities_csv(rows).encode()
    counter, start, worked = Counter(), time.perf_counter(), time.process_time()
    with connection.execute_wrapper(counter):
        plan = Plan(reading.read(data), pipeline, by=admin, now=timezone.now())
        _batch, summary = landing.land(plan, name="bench")
    taken = time.perf_counter() - start
    worked = time.process_time() - worked
    print(
        f"  {summary.new} deals in {taken:.1f} s ({worked:.1f} s of processor), {counter.statements} statements"
    )
    return taken


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
