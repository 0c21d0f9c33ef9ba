"""Takes away each trigger, lock, constraint and permission line in turn and runs the tests named for it.

A mutation that no test notices is reported, and the exit status is not zero. Works on copies in temp folders, as many
at the same time as there are processors.

usage: python scripts/mutate.py [--only WORD] [--list]      DATABASE_URL chooses the engine, SQLite by default
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
# Compiled code comes along: it holds until its file is another one, and compiling takes longer than most tests do.
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", ".pytest_cache", ".ruff_cache", "*.sqlite3")
POSTGRESQL = os.environ.get("DATABASE_URL", "").startswith("postgres")
ENGINE = "postgresql" if POSTGRESQL else "sqlite"
AT_ONCE = os.cpu_count() or 2
# Names of databases, each for one run of pytest at a time.
DATABASES = SimpleQueue()
for number in range(AT_ONCE):
    DATABASES.put(f"mutant{number}")

# A status of pytest's: what no test of this engine asks is noticed by none.
NONE_RAN = 5
LINES = Path(__file__).with_name("mutations.toml")
GUARD = ["tests/trust/test_guard.py", "tests/trust/test_each_trigger.py"]


@dataclass
class Mutation:
    """`old` is taken out of the file for `new`; the tests must notice."""

    name: str
    file: str
    old: str
    new: str
    tests: list
    engine: str = ENGINE


def trigger_names():
    """Names of the engine's triggers, read from the guard's source by importing it in a fresh process."""
    code = "import django; django.setup(); from deals import guard; print(*guard.names())"
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True
    )
    if found.returncode:
        sys.exit(found.stderr)
    return found.stdout.split()


def without_trigger(name):
    file = f"deals/guard/{ENGINE}.py"
    left_out = (
        f'\n\n_all = triggers\n\n\ndef triggers():\n    return [t for t in _all() if t[0] != "{name}"]\n'
    )
    return Mutation(f"trigger {name}", file, "", left_out, GUARD)


def lines():
    """The mutations of mutations.toml, for whatever engine."""
    rows = tomllib.loads(LINES.read_text())["mutation"]
    return [Mutation(**row | {"tests": [test_file(name) for name in row["tests"]]}) for row in rows]


@cache
def test_files():
    """name -> path, that in tests/trust/ before others of its name."""
    there = sorted((ROOT / "tests").rglob("test_*.py"), key=lambda path: path.parent.name == "trust")
    return {path.name: path for path in there}


def test_file(name):
    """A file in tests/trust/, else somewhere in tests/; perhaps one test of it: test_sweep::test_a_reply."""
    file, colons, test = name.partition("::")
    found = test_files().get(f"{file}.py", ROOT / "tests" / f"{file}.py")
    return f"{found.relative_to(ROOT)}{colons}{test}"


def main():
    arguments = parsed()
    known = [*map(without_trigger, trigger_names()), *lines()]
    wanted = [mutation for mutation in known if mutation.engine == ENGINE and arguments.only in mutation.name]
    if arguments.list:
        print(*(mutation.name for mutation in wanted), sep="\n")
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(noticed, wanted))
    survivors = [mutation.name for mutation, test in zip(wanted, found, strict=True) if not test]
    print(f"{len(wanted) - len(survivors)} of {len(wanted)} noticed on {ENGINE}.")
    print(*(f"NOT NOTICED: {name}" for name in survivors), sep="\n")
    return len(survivors)


def parsed():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", metavar="WORD", help="mutations with this in their name")
    parser.add_argument("--list", action="store_true", help="name them, run nothing")
    return parser.parse_args()


def noticed(mutation):
    """Whether a named test fails without it. Says which."""
    with tempfile.TemporaryDirectory(prefix="headgate-mutant-") as temp:
        copy = Path(temp) / "copy"
        shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
        if not apply(mutation, copy / mutation.file):
            print(f"{mutation.name}: the line to take away is not there any more", flush=True)
            return False
        database = DATABASES.get()
        try:
            failed = failing_test(mutation, copy, database)
        finally:
            DATABASES.put(database)
    print(f"{mutation.name}: {failed or 'NOTHING FAILED'}", flush=True)
    return bool(failed)


def apply(mutation, file):
    text = file.read_text()
    if mutation.old not in text:
        return False
    mutated = text.replace(mutation.old, mutation.new) if mutation.old else text + mutation.new
    compile(mutated, file.name, "exec")  # a mutant that does not even start proves nothing
    file.write_text(mutated)
    return True


def failing_test(mutation, copy, database):
    """The first test that failed, empty where all passed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    env |= {"MODE": "test", "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("DATABASE_URL", None)
    if POSTGRESQL:
        env["DATABASE_URL"] = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "--tb=line",
        "--create-db",
        "--nomigrations",
        *mutation.tests,
    ]
    ran = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.search(r"^(?:FAILED|ERROR) (\S+.*?)(?: - |$)", ran.stdout, re.MULTILINE)
    if ran.returncode in (1, 2) and found:
        return found[1]
    if ran.returncode in (0, NONE_RAN):
        return ""
    return f"the tests did not start: {(ran.stdout + ran.stderr)[-300:]}"


if __name__ == "__main__":
    sys.exit(main())
