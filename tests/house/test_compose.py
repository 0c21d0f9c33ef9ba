"""docker-compose.yml starts what the documents say, in the right order, with settings that exist."""

import re
import shlex
import socket
import subprocess
import sys

import pytest
import yaml

from tests.engines import wait_until

from .test_documents import SETTINGS
from .test_settings import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
FILE = yaml.safe_load(TEXT)
SERVICES = FILE["services"]
OURS = ["web", "worker", "beat"]


def test_it_starts_database_redis_web_worker_and_beat():
    assert sorted(SERVICES) == ["beat", "db", "redis", "web", "worker"]


@pytest.mark.parametrize("name", ["db", "redis", "worker", "beat"])
def test_each_says_how_it_is(name):
    kind, *command = SERVICES[name]["healthcheck"]["test"]
    assert kind in {"CMD", "CMD-SHELL"} and command


def test_a_database_that_is_still_being_made_is_not_well():
    """The image's first start runs a server of its own, at the socket alone, and stops it again."""
    assert "127.0.0.1" in SERVICES["db"]["healthcheck"]["test"]


def test_the_web_server_says_how_it_is_by_its_image():
    assert "healthcheck" not in SERVICES["web"]
    assert (
        'HEALTHCHECK --interval=10s --start-period=60s CMD ["python", "scripts/ready.py"]'
        in (ROOT / "Dockerfile").read_text()
    )


def test_nobody_starts_before_what_it_needs_is_well():
    needs = {name: set(SERVICES[name].get("depends_on", {})) for name in SERVICES}
    assert needs == {
        "db": set(), "redis": set(), "web": {"db"}, "worker": {"web", "redis"}, "beat": {"web", "redis"},
    }  # fmt: skip
    conditions = [need["condition"] for name in OURS for need in SERVICES[name]["depends_on"].values()]
    assert set(conditions) == {"service_healthy"}


def test_ours_read_the_same_settings_and_each_is_documented():
    first, *others = [dict(SERVICES[name]["environment"]) for name in OURS]
    assert [each.pop("MIGRATIONS_DATABASE_URL") for each in others] == ["", ""]  # they migrate nothing
    assert first.pop("MIGRATIONS_DATABASE_URL") and others == [first, first]
    assert [name for name in first if f"`{name}`" not in SETTINGS] == []


# A container's own folder and address are the file's; nobody debugs there.
FIXED = {"DATA_DIR", "DEBUG", "HOST", "PORT"}


def test_every_setting_there_is_can_be_given_by_the_environment_of_the_file():
    documented = {
        name
        for cell in re.findall(r"^\| (`[^|]+) \|", SETTINGS, re.MULTILINE)
        for name in re.findall(r"[A-Z_]+", cell)
    }
    assert documented - FIXED == set(SERVICES["web"]["environment"]) - {"MIGRATIONS_DATABASE_URL"}


def test_what_one_has_to_fill_in_stands_in_the_example():
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    required = set(re.findall(r"\$\{([A-Z_]+):\?", TEXT))
    assert required and required <= example
    assert example <= set(re.findall(r"\$\{([A-Z_]+)", TEXT))


def test_only_the_web_server_can_be_reached_and_only_from_this_machine():
    ports = {name: SERVICES[name].get("ports", []) for name in SERVICES}
    assert ports.pop("web") == ["127.0.0.1:8000:8000"]
    assert not any(ports.values())


def test_each_script_that_is_started_is_there():
    commands = [SERVICES[name]["command"] for name in ("worker", "beat")]
    assert [shlex.split(command)[:3] for command in commands] == [["celery", "-A", "config"]] * 2
    assert [shlex.split(command)[3] for command in commands] == ["worker", "beat"]
    scripts = re.findall(r"scripts/\w+\.\w+", TEXT + (ROOT / "Dockerfile").read_text())
    assert scripts and [script for script in scripts if not (ROOT / script).exists()] == []


def test_every_volume_that_is_used_is_declared():
    used = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert used == set(FILE["volumes"])


def words_of(service, place=None):
    """A command of the file, for this machine: Python in front, and this test's own name for the container's."""
    given = place or SERVICES[service]["command"]
    words = (
        given if isinstance(given, list) else shlex.split(given.replace("$$(hostname)", socket.gethostname()))
    )
    return [sys.executable, *(["-m", *words] if words[0] == "celery" else words[1:])]


def is_well(engines, service):
    kind, *command = SERVICES[service]["healthcheck"]["test"]
    command = command[0].replace("--timeout 10", "--timeout 2") if kind == "CMD-SHELL" else command
    ran = subprocess.run(words_of(service, command), cwd=ROOT, env=engines.environment, capture_output=True)
    return ran.returncode == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("service", ["worker", "beat"])
def test_worker_and_beat_start_as_the_file_says_say_that_they_are_well_and_end_when_told(engines, service):
    assert not is_well(engines, service)
    started = engines.start(*words_of(service))
    wait_until(lambda: is_well(engines, service) or started.poll() is not None, engines.log)
    assert started.poll() is None, engines.log()
    started.terminate()
    wait_until(lambda: started.poll() is not None, engines.log)
    assert started.returncode == 0, engines.log()
