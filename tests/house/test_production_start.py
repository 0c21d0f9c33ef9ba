"""Production does not start while something would let anybody in or past the gates; it says what."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config import checks
from deals import guard
from team.models import User

from .test_settings import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def production(settings):
    settings.MODE, settings.ALLOWED_HOSTS = "production", ["crm.example.com"]
    return settings


def refusal():
    with pytest.raises(ImproperlyConfigured) as refused:
        checks.refuse_unsafe_start()
    return str(refused.value)


def test_a_sound_production_starts(production):
    checks.refuse_unsafe_start()


def test_debug_is_refused(production):
    production.DEBUG = True
    assert "DEBUG is on" in refusal()


@pytest.mark.parametrize("key", ["short", "a" * 80, "django-insecure-" + "0123456789abcdefghij" * 4])
def test_a_weak_key_is_refused_and_not_shown(production, key):
    production.SECRET_KEY = key
    assert "SECRET_KEY is too weak" in refusal()
    assert key not in refusal()


def test_unnamed_hosts_are_refused(production):
    production.ALLOWED_HOSTS = []
    assert "ALLOWED_HOSTS is empty" in refusal()


def test_a_missing_guard_is_refused_in_every_mode():
    name = guard.names(connection)[0]
    guard.remove(name, connection)
    assert name in refusal()


def test_demo_people_who_can_log_in_are_refused_until_their_password_changes(production):
    person = User.objects.create_user("manager@demo.example", "headgate-demo", name="Mo Reyes")
    assert "manager@demo.example" in refusal()
    person.set_password("another-long-password")
    person.save(update_fields=["password"])
    checks.refuse_unsafe_start()


def test_the_web_server_itself_does_not_come_up(tmp_path):
    given = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "DEBUG": "1", "SECRET_KEY": "short"}
    stopped = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"], cwd=ROOT, env=given, capture_output=True, text=True
    )
    assert stopped.returncode == 1
    for reason in (
        "DEBUG is on",
        "SECRET_KEY is too weak",
        "ALLOWED_HOSTS is empty",
        "manage.py migrate",
    ):
        assert reason in stopped.stderr
