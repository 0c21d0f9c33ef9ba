"""A database of the benchmark's own for each engine, gone afterwards; var/ is never touched."""

import importlib.util
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ["sqlite", "postgresql"]


@contextmanager
def own(engine):
    """The environment of a child process that works on an empty database of this engine.

    DATABASE_URL is used where it names this engine; the child refuses it unless it is empty.
    """
    with (
        tempfile.TemporaryDirectory(prefix="headgate-bench-", dir="/tmp", ignore_cleanup_errors=True) as temp,
        _url(engine, Path(temp)) as url,
    ):
        yield {
            **os.environ,
            "DATABASE_URL": url,
            "DATA_DIR": f"{temp}/data",
            "MODE": "test",
            "SECRET_KEY": "only-for-the-benchmark-" + "0123456789" * 5,
            "STATEMENT_TIMEOUT": "0",
            "DJANGO_SETTINGS_MODULE": "bench.settings",
        }


@contextmanager
def _url(engine, temp):
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(engine[:8]):
        yield given
    elif engine == "sqlite":
        yield f"sqlite:///{temp}/bench.sqlite3"
    else:
        with _postgresql(temp) as url:
            yield url


@contextmanager
def _postgresql(temp):
    """The way the tests bring up theirs."""
    tests = _script("test")
    try:
        yield tests.start_postgresql(temp, tests.programs.postgresql())
    finally:
        tests.end_all()


def _script(name):
    """A module of scripts/, which is no package; Python has a module `test` of its own."""
    sys.path.insert(0, str(ROOT / "scripts"))
    spec = importlib.util.spec_from_file_location(f"headgate_{name}", ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
