"""`make run` as somebody sees it who has just cloned the repository."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from .test_settings import ROOT


def environment(tmp_path, **more):
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DATA_DIR": str(tmp_path / "var"), **more}


def run(tmp_path, **more):
    command = [sys.executable, "scripts/run.py"]
    given = environment(tmp_path, **more)
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, timeout=20)


def test_a_port_in_use_gives_one_clear_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run(tmp_path, PORT=str(port))
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        f"Cannot use 127.0.0.1:{port}: Address already in use. Choose another port: PORT=8001 make run"
    ]


@pytest.mark.parametrize(("name", "value"), [("PORT", "abc"), ("PORT", "70000"), ("HOST", "no such host")])
def test_an_impossible_address_gives_one_clear_line(tmp_path, name, value):
    refused = run(tmp_path, **{name: value})
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"{name}={value!r} is not allowed. Allowed: ")
    assert len(refused.stderr.splitlines()) == 1


class Running:
    """Headgate started in a data folder of its own, on a free port."""

    def __init__(self, tmp_path):
        self.process = subprocess.Popen(
            [sys.executable, "scripts/run.py"],
            cwd=ROOT,
            env=environment(tmp_path, PORT="0"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = list(iter(self.next_line, "Ctrl-C stops it; the data stays."))

    def next_line(self):
        line = self.process.stdout.readline()
        assert line, "ended before it was ready"
        return line.rstrip("\n")

    @property
    def address(self):
        return next(line.split()[-1] for line in self.said if "is ready" in line)

    def stop(self, number):
        self.process.send_signal(number)
        self.process.communicate(timeout=20)
        return self.process.returncode


def processes_of(tmp_path):
    """Those whose environment names the data folder; Linux tells, other systems keep it to themselves."""
    mark = str(tmp_path).encode()
    return [path.parent.name for path in Path("/proc").glob("[0-9]*/environ") if mark in content(path)]


def content(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.mark.engine("sqlite")  # it starts on SQLite whatever the tests run on; once is enough
def test_it_starts_says_how_to_log_in_makes_nothing_twice_and_leaves_no_process(tmp_path):
    first = Running(tmp_path)
    assert urllib.request.urlopen(f"{first.address}accounts/login/").status == 200
    logins = [words for line in first.said if "@demo.example" in line and len(words := line.split()) == 2]
    assert logins == [[f"{who}@demo.example", "headgate-demo"] for who in ("rep", "manager", "admin")]
    assert first.stop(signal.SIGINT) == 0
    assert processes_of(tmp_path) == []
    before = (tmp_path / "var" / "secret_key").read_text()
    second = Running(tmp_path)
    assert second.stop(signal.SIGTERM) == 0
    built = [line for line in first.said if line.endswith(" ...")]
    assert built and not set(built) & set(second.said), "the second start makes nothing again"
    assert (tmp_path / "var" / "secret_key").read_text() == before
    assert processes_of(tmp_path) == []
