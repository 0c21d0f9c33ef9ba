"""A setting that cannot be right stops the start and names itself, the value and what is allowed."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def start(tmp_path, code="0", **environment):
    """Loads the real settings in a process of its own and prints what `code` evaluates to."""
    given = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DATA_DIR": str(tmp_path / "var"),
        **environment,
    }
    lines = f"from django.conf import settings as s; s.DEBUG; print({code})"
    given.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    return subprocess.run([sys.executable, "-c", lines], cwd=ROOT, env=given, capture_output=True, text=True)


BAD = [
    ("MODE", "prod", "production, demo, test"),
    ("DEBUG", "maybe", "1, true, yes, on"),
    ("PROXIES", "-1", "a whole number from 0 to 10"),
    ("PROXIES", "٣", "a whole number from 0 to 10"),
    ("STATEMENT_TIMEOUT", "5s", "a whole number from 0 to 86400"),
    ("ALLOWED_HOSTS", "*", "no '*'"),
    ("ALLOWED_HOSTS", "https://crm.example.com", "host names separated by commas"),
    ("CSRF_TRUSTED_ORIGINS", "crm.example.com", "https://crm.example.com"),
    ("DATABASE_URL", "mysql://localhost/headgate", "postgres://"),
    ("DATABASE_URL", "postgres://localhost:many/headgate", "postgres://"),
    ("DATABASE_URL", "postgres://localhost", "postgres://"),
    ("DATABASE_URL", "postgres://localhost/headgate?sslmod=require", "sslmode"),
    ("DATABASE_URL", "sqlite://headgate.sqlite3", "sqlite:///"),
    ("REDIS_URL", "localhost:6379", "redis://"),
    ("REDIS_URL", "redis://", "redis://host:6379/0"),
    ("REDIS_URL", "redis://host:six/0", "redis://host:6379/0"),
    ("REDIS_URL", "redis://host:6379/first", "redis://host:6379/0"),
    ("REDIS_URL", "redis://host:6379/0?ssl_cert_reqs=none", "redis://host:6379/0"),
    ("REDIS_URL", "unix://host/redis.sock", "unix:///path"),
    ("REDIS_URL", "unix:///", "unix:///path"),
    ("REDIS_URL", "unix:///run/redis.sock?db=first", "unix:///path"),
    ("REDIS_URL", "amqp://host", "redis://host:6379/0"),
    ("EMAIL_URL", "mail.example.com", "smtp://"),
    ("EMAIL_URL", "smtp://", "smtp://"),
    ("SECRET_KEY_FILE", "/nowhere/key", "a readable text file"),
    ("SITE_URL", "crm.example.com", "https://crm.example.com"),
    ("SITE_URL", "https://crm.example.com,https://b.example.com", "one origin"),
    ("WEBHOOK_ALLOW_PRIVATE", "https://hooks.example.com", "no scheme"),
    ("WEBHOOK_ALLOW_PRIVATE", "10.0.0.0/8", "no scheme"),
    ("ANCHOR_FILE", "/nowhere/anchors.jsonl", "a file in a folder that exists"),
    ("ANCHOR_FILE", "/tmp", "a file in a folder that exists"),
    ("ANCHOR_MAIL", "audit", "one e-mail address"),
    ("ANCHOR_MAIL", "a@b.example, c@d.example", "one e-mail address"),
]


@pytest.mark.parametrize(("name", "value", "allowed"), BAD)
def test_a_bad_value_stops_the_start_and_names_it(tmp_path, name, value, allowed):
    stopped = start(tmp_path, **{name: value})
    last = stopped.stderr.strip().splitlines()[-1]
    assert stopped.returncode == 1
    assert f"{name}=" in last
    assert allowed in last


def test_a_database_password_is_not_printed_with_the_refusal(tmp_path):
    stopped = start(tmp_path, DATABASE_URL="mysql://headgate:open-sesame@db/headgate")
    assert stopped.returncode == 1
    assert "open-sesame" not in stopped.stderr


def test_a_redis_password_is_not_printed_with_the_refusal(tmp_path):
    stopped = start(tmp_path, REDIS_URL="redis://:open-sesame@redis/first")
    assert stopped.returncode == 1 and "REDIS_URL=" in stopped.stderr
    assert "open-sesame" not in stopped.stderr


@pytest.mark.parametrize(
    ("given", "called"),
    [
        ("redis://:secret@redis:6380/2", "redis://:secret@redis:6380/2 False"),
        ("rediss://redis/0", "rediss://redis:6379/0 {'ssl_cert_reqs': <VerifyMode.CERT_REQUIRED: 2>}"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0 False"),
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3 False"),
    ],
)
def test_workers_are_called_at_the_redis_that_is_named(tmp_path, given, called):
    code = "(c := __import__('config.celery').celery.app.connection_for_write()).as_uri(include_password=True), c.ssl"
    seen = start(tmp_path, f"*({code})", REDIS_URL=given)
    assert seen.stdout.strip() == called, seen.stderr


def test_a_worker_without_a_redis_says_what_does_its_work(tmp_path):
    stopped = start(tmp_path, "__import__('config.celery')")
    assert stopped.returncode == 1
    last = stopped.stderr.strip().splitlines()[-1]
    assert "REDIS_URL is not set" in last and "run_automations --every 60" in last


@pytest.mark.parametrize(("url", "loaded"), [("", "False"), ("redis://redis:6379/0", "True")])
def test_celery_is_loaded_only_with_a_redis(tmp_path, url, loaded):
    code = "(__import__('django').setup(), 'celery' in __import__('sys').modules)[1]"
    assert start(tmp_path, code, REDIS_URL=url).stdout.strip() == loaded


def test_without_any_variable_the_settings_are_production(tmp_path):
    seen = start(tmp_path, "s.MODE, s.DEBUG, s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.ALLOWED_HOSTS")
    assert seen.stdout.strip() == "production False __Host-session True []"


def test_the_first_start_makes_a_private_key_and_the_second_keeps_it(tmp_path):
    first = start(tmp_path, "s.SECRET_KEY").stdout.strip()
    kept = tmp_path / "var" / "secret_key"
    assert len(first) >= 50
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert start(tmp_path, "s.SECRET_KEY").stdout.strip() == first == kept.read_text()


def test_a_key_can_come_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text("k" * 60 + "\n")
    assert start(tmp_path, "s.SECRET_KEY", SECRET_KEY_FILE=str(file)).stdout.strip() == "k" * 60


def test_sqlite_is_the_default_and_waits_its_turn(tmp_path):
    seen = start(tmp_path, "s.DATABASES['default']").stdout
    for expected in (
        "sqlite3",
        "'transaction_mode': 'IMMEDIATE'",
        "'timeout': 20",
        "recursive_triggers=ON",
        "WAL",
    ):
        assert expected in seen


def test_a_postgresql_address_is_taken_apart(tmp_path):
    url = "postgres://head%40gate:p%2Fw@db.example.com:6432/crm?sslmode=require"
    seen = start(tmp_path, "s.DATABASES['default']", DATABASE_URL=url, STATEMENT_TIMEOUT="5").stdout
    for part in ("'head@gate'", "'p/w'", "'db.example.com'", "'6432'", "'crm'", "'require'", "timeout=5000"):
        assert part in seen


def test_mail_goes_to_files_until_a_server_is_named(tmp_path):
    assert "filebased" in start(tmp_path, "s.EMAIL_BACKEND").stdout
    seen = start(
        tmp_path, "s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS", EMAIL_URL="smtp://a:b@mail.example.com"
    )
    assert seen.stdout.strip() == "mail.example.com 587 True"


def test_argon2_is_the_first_hasher(tmp_path):
    assert "Argon2" in start(tmp_path, "s.PASSWORD_HASHERS[0]").stdout
