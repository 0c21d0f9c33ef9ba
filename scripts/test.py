"""Runs every test on SQLite, and again on a PostgreSQL of its own where it asks the database (docs/decisions/0034), at
the same time where there are processors for both. What the tests need, Redis too, it finds or installs.

usage: python3 scripts/test.py [pytest's arguments]      ENGINES=sqlite runs one of the two
"""

import json
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import environment
import programs

ROOT = environment.ROOT
ENGINES = (os.environ.get("ENGINES") or "sqlite,postgresql").split(",")
# A status of pytest's, and up to how many tests that failed are asked once more.
TESTS_FAILED, FEW = 1, 5
# Two processors are busy with one engine: both at once took as long as one after the other.
AT_ONCE = len(ENGINES) if (os.cpu_count() or 2) > 2 else 1
STARTED = []  # programs that end when we do


def main():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    environment.ensure("dev")
    os.environ["CHROMIUM"] = programs.chromium()
    os.environ["REDIS_SERVER"] = programs.redis()
    postgresql = programs.postgresql() if "postgresql" in ENGINES else None
    folder = tempfile.TemporaryDirectory(prefix="headgate-test-", dir="/tmp", ignore_cleanup_errors=True)
    with folder as temp, ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            urls = {engine: address(engine, Path(temp), postgresql) for engine in ENGINES}
            failed = side_by_side(pool, Path(temp), urls)
        finally:
            end_all()
    return f"Failed on: {', '.join(failed)}" if failed else 0


def address(engine, temp, postgresql):
    return f"sqlite:///{temp}/headgate.sqlite3" if engine == "sqlite" else start_postgresql(temp, postgresql)


def side_by_side(pool, temp, urls):
    """Names of the engines on which tests failed. What the first one says is shown as it comes, then the next."""
    said = {engine: temp / f"{engine}.txt" for engine in urls}
    for path in said.values():
        path.touch()
    runs = {engine: pool.submit(pytest, engine, temp, url, said[engine]) for engine, url in urls.items()}
    for engine, run in runs.items():
        print(f"\n== {engine} ==", flush=True)
        show(said[engine], until=run.done)
    return [engine for engine, run in runs.items() if run.result()]


def show(path, until):
    """Prints a file while it grows."""
    with path.open() as lines:
        ended = False
        while not ended:
            ended = until()
            print(lines.read(), end="", flush=True)
            time.sleep(0 if ended else 0.3)


def end_all():
    """Whoever still tests is interrupted, then PostgreSQL, which cuts its connections."""
    for program in reversed(STARTED):
        if program.poll() is None:
            program.send_signal(signal.SIGINT)
        try:
            program.wait(10)
        except subprocess.TimeoutExpired:
            program.kill()


def start(command, **how):
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, **how)
    STARTED.append(program)
    return program


def pytest(engine, temp, url, said):
    """Pytest's exit status. A few tests that failed run once more, alone; what passes then is named."""
    given = {**os.environ, "DATABASE_URL": url, "DATA_DIR": f"{temp}/var-{engine}"}
    # Compiled code is kept whatever the machine prefers: else each worker and each program they start compiles again.
    given.pop("PYTHONDONTWRITEBYTECODE", None)
    kept = ROOT / ".pytest_cache" / engine
    last_failed = kept / "v" / "cache" / "lastfailed"
    last_failed.unlink(missing_ok=True)
    always = ["--nomigrations", "-o", f"cache_dir={kept}", *sys.argv[1:]]
    # Tables straight from the models: they agree (migrations-check), and starting tests walk the migrations.
    quick = ["-n", workers(engine), "--dist", "loadfile", "--no-loadscope-reorder"]
    with said.open("a", buffering=1) as out:
        if (status := asked([*quick, *always], given, out)) != TESTS_FAILED:
            return status
        failed = json.loads(last_failed.read_text()) if last_failed.exists() else {}
        if not 0 < len(failed) <= FEW:
            return status
        print(f"\n{len(failed)} failed; once more, alone:", file=out)
        if asked(["--last-failed", "--last-failed-no-failures", "none", *always], given, out):
            return status
        print("\nFailed once and passed alone; each is a defect of the test or worse:", file=out)
        print("", *failed, sep="\n  ", file=out)
        return 0


def asked(arguments, given, out):
    colors = ["--color", "yes" if sys.stdout.isatty() else "no"]
    command = [environment.PYTHON, "-m", "pytest", *colors, *arguments]
    return start(command, stdout=out, cwd=ROOT, env=given).wait()


def workers(engine):
    """One more than there are processors where most browser tests run: they spend half their time waiting. A worker
    and its PostgreSQL keep one processor busy between them; a third pair on two took an eighth longer."""
    waiting = AT_ONCE == 1 and engine == "sqlite"
    return os.environ.get("WORKERS") or str(min(5, (os.cpu_count() or 2) + waiting))


def start_postgresql(temp, folder):
    """Its address: a socket in the temp folder only, so that it meets no other server. Nothing is synced to disk."""
    data, log = temp / "postgresql", temp / "postgresql.log"
    owner = unprivileged(temp)
    initdb = [f"{folder}/initdb", "-D", data, "-U", "headgate", "-A", "trust", "-E", "UTF8", "--no-sync"]
    made = subprocess.run([*initdb, "--locale=C"], capture_output=True, text=True, cwd=temp, **owner)
    if made.returncode:
        sys.exit(f"PostgreSQL's initdb failed: {made.stderr.strip()}")
    settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"]
    options = [part for setting in [*settings, "listen_addresses="] for part in ("-c", setting)]
    command = [f"{folder}/postgres", "-D", data, "-k", temp, *options]
    server = start(command, stdout=log.open("w"), cwd=temp, **owner)
    wait_for(server, log)
    return f"postgresql://headgate@/postgres?host={temp}"


def unprivileged(temp):
    """PostgreSQL refuses to run as root: as root, the arguments that make it somebody else."""
    if os.geteuid():
        return {}
    person = next(filter(None, map(account, ("postgres", "nobody"))))
    os.chown(temp, person.pw_uid, person.pw_gid)
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}


def account(name):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def wait_for(server, log, seconds=30):
    """Its socket is there before it takes connections."""
    deadline = time.monotonic() + seconds
    while "ready to accept connections" not in log.read_text():
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
