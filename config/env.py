"""Reads the environment strictly: a value that cannot be right stops the start and says why."""

import os
import re
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
SECRET = {"SECRET_KEY", "SECRET_KEY_FALLBACKS"}


def refuse(name, value, allowed):
    shown = "(not shown)" if name in SECRET else repr(value)
    raise ImproperlyConfigured(f"{name}={shown} is not allowed. Allowed: {allowed}.")


def text(name, default=""):
    return os.environ.get(name, "").strip() or default


def flag(name, default):
    value = text(name).lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        refuse(name, os.environ[name], "1, true, yes, on, 0, false, no, off")
    return value in TRUE


def integer(name, default, low, high):
    value = text(name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        refuse(name, os.environ[name], f"a whole number from {low} to {high}")
    return int(value)


def choice(name, options, default):
    value = text(name, default)
    if value not in options:
        refuse(name, value, ", ".join(options))
    return value


def words(name, default=()):
    """A comma-separated list."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else list(default)


def hosts(name, default=()):
    names = words(name, default)
    for host in names:
        if host == "*" or "/" in host or " " in host:
            refuse(name, host, "host names separated by commas, such as crm.example.com; no '*', no scheme")
    return names


def origins(name):
    values = words(name)
    for value in values:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path:
            refuse(name, value, "origins separated by commas, such as https://crm.example.com")
    return values


def origin(name):
    """One origin, or ''."""
    values = origins(name)
    if len(values) > 1:
        refuse(name, ",".join(values), "one origin, such as https://crm.example.com")
    return values[0] if values else ""


def receivers(name):
    """Hosts of our own that webhooks may go to, each with a port where it is none of the usual ones."""
    values = [value.lower() for value in words(name)]
    for value in values:
        if not re.fullmatch(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", value, re.ASCII):
            refuse(
                name,
                value,
                "hosts separated by commas, such as hooks.example.com or 10.0.0.5:9000; no scheme",
            )
    return values


def folder(name, default):
    path = Path(text(name, str(default))).expanduser()
    if path.exists() and not path.is_dir():
        refuse(name, path, "a folder, or a path where one can be made")
    return path.resolve()


def file(name):
    """A file that can be made: in a folder that is there. None where it is not set."""
    value = text(name)
    if not value:
        return None
    path = Path(value).expanduser().resolve()
    if path.is_dir() or not path.parent.is_dir():
        refuse(name, value, "a file in a folder that exists")
    return path


def mailbox(name):
    """One e-mail address, or ''."""
    value = text(name)
    local, _at, domain = value.partition("@")
    if value and (not local or "." not in domain or any(char in value for char in " ,;<>") or "@" in domain):
        refuse(name, value, "one e-mail address, such as audit@example.com")
    return value


def _parts(name, value, schemes, example):
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises for a port that is not a number
    except ValueError:
        refuse(name, value, example)
    if parts.scheme not in schemes:
        refuse(name, _without_password(parts), example)
    return parts


def _without_password(parts):
    if not parts.password:
        return parts.geturl()
    return parts.geturl().replace(f":{parts.password}@", ":***@", 1)


DATABASE_EXAMPLE = "postgres://user:password@host:5432/name or sqlite:///path/to/file.sqlite3"
DATABASE_OPTIONS = {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"}


def database(name, sqlite_file, statement_seconds):
    """Django's database settings from DATABASE_URL; without one, SQLite in the data folder."""
    value = text(name)
    if not value:
        return sqlite(sqlite_file)
    parts = _parts(name, value, {"postgres", "postgresql", "sqlite"}, DATABASE_EXAMPLE)
    if parts.scheme == "sqlite":
        if parts.netloc or len(parts.path) < 2:
            refuse(name, value, DATABASE_EXAMPLE)
        return sqlite(unquote(parts.path if parts.path.startswith("//") else parts.path[1:]))
    return _postgresql(name, parts, statement_seconds)


def sqlite(path):
    return {
        "ENGINE": "team.sqlite",
        "NAME": str(path),
        "OPTIONS": {
            # IMMEDIATE: a transaction that will write waits its turn at the start, where waiting works.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # recursive_triggers: without it INSERT OR REPLACE deletes ledger rows past the guard.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA recursive_triggers=ON; PRAGMA foreign_keys=ON",
        },
        "TEST": {"NAME": f"{path}.test"},
    }


def _postgresql(name, parts, statement_seconds):
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if unknown := set(options) - DATABASE_OPTIONS:
        refuse(name, ", ".join(sorted(unknown)), f"the options {', '.join(sorted(DATABASE_OPTIONS))}")
    if len(parts.path) < 2:
        refuse(name, _without_password(parts), DATABASE_EXAMPLE)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # jit=off: compiling a recount's hundreds of expressions takes 15 s, running them one.
        # work_mem: what a quarter's figures sort and group at 100,000 deals, without going through files.
        "OPTIONS": {
            **options,
            "options": f"-c jit=off -c work_mem=24MB -c statement_timeout={statement_seconds * 1000}",
        },
    }


REDIS_EXAMPLE = "redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/redis.sock"


def redis(name):
    """The address of a Redis as it stands, or ''."""
    value = text(name)
    if value:
        parts = _parts(name, value, {"redis", "rediss", "unix"}, REDIS_EXAMPLE)
        place = _socket(parts) if parts.scheme == "unix" else _server(parts)
        if not place or parts.fragment:
            refuse(name, _without_password(parts), REDIS_EXAMPLE)
    return value


def _server(parts):
    return parts.hostname and not parts.query and _is_number(parts.path.removeprefix("/") or "0")


def _socket(parts):
    database = dict(parse_qsl(parts.query, keep_blank_values=True))
    return (
        len(parts.path) > 1
        and not parts.netloc
        and set(database) <= {"db"}
        and _is_number(database.get("db", "0"))
    )


def _is_number(text):
    return text.isascii() and text.isdigit()


EMAIL_EXAMPLE = "smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465, file or console"


def email(name, mail_folder, default):
    """Django's e-mail settings from EMAIL_URL."""
    value = text(name, default)
    backend = "django.core.mail.backends."
    if value == "console":
        return {"EMAIL_BACKEND": f"{backend}console.EmailBackend"}
    if value == "file":
        return {"EMAIL_BACKEND": f"{backend}filebased.EmailBackend", "EMAIL_FILE_PATH": str(mail_folder)}
    parts = _parts(name, value, {"smtp", "smtps"}, EMAIL_EXAMPLE)
    if not parts.hostname or parts.path not in {"", "/"}:
        refuse(name, _without_password(parts), EMAIL_EXAMPLE)
    secure = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": f"{backend}smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if secure else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": secure,
        # Mail servers on this machine or beside it often offer no TLS; with a login we insist on it.
        "EMAIL_USE_TLS": not secure and bool(parts.username),
        "EMAIL_TIMEOUT": 20,
    }


def secret_key(data_dir):
    """SECRET_KEY, else the content of SECRET_KEY_FILE, else a key made once into a private file."""
    if value := text("SECRET_KEY"):
        return value
    if path := text("SECRET_KEY_FILE"):
        return _read_key(path)
    return _own_key(data_dir / "secret_key")


def _read_key(path):
    try:
        key = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        refuse("SECRET_KEY_FILE", path, f"a readable text file ({type(error).__name__})")
    return key or refuse("SECRET_KEY_FILE", path, "a file with a key of at least 50 random characters")


def _own_key(path):
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_privately(path, secrets.token_urlsafe(64))
    return path.read_text(encoding="utf-8").strip()


def _write_privately(path, content):
    """Two processes that start at once end up with one key: the second link fails, and is content."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
