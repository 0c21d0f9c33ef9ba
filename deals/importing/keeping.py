"""Files between upload and import: private, under names nobody can guess, gone when they are not needed."""

import os
import re
import secrets
import time

from django.conf import settings

UPLOAD_SECONDS, REPORT_SECONDS = 24 * 3600, 30 * 24 * 3600
_TOKEN = re.compile(r"[0-9a-f]{32}(\.report)?")


def folder():
    """Made for this account alone."""
    place = settings.DATA_DIR / "imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def path_of(token):
    """The file of a token; ValueError for what is none, so that no path gets in by it."""
    if not _TOKEN.fullmatch(token):
        raise ValueError("not a token")
    return folder() / token


def opened(token):
    """A new private file to write text to."""
    descriptor = os.open(path_of(token), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return open(descriptor, "w", encoding="utf-8-sig", newline="")


def keep(data):
    """Store an upload; returns its token."""
    sweep()
    token = secrets.token_hex(16)
    with open(os.open(path_of(token), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    return token


def read(token):
    """The bytes of an upload; FileNotFoundError where it is gone."""
    return path_of(token).read_bytes()


def forget(token):
    path_of(token).unlink(missing_ok=True)


def sweep():
    """Remove uploads nobody finished within a day, and reports after thirty days."""
    for path in folder().iterdir():
        limit = REPORT_SECONDS if path.name.endswith(".report") else UPLOAD_SECONDS
        if path.stat().st_mtime < time.time() - limit:
            path.unlink(missing_ok=True)
