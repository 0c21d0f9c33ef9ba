"""Putting the day's anchor where whoever owns the database cannot reach it: the log, a file, another's mailbox."""

import fcntl
import json
import logging
import os

from django.conf import settings
from django.utils.translation import gettext as _

from outbox import queue

from ..models import Anchor
from .heads import head_of

logger = logging.getLogger("headgate.anchor")
_TAIL = 1 << 16


def line_of(anchor, whole=True):
    """The anchor as one line of JSON; the head alone proves the blocks kept in the database."""
    said = head_of(anchor) | {"digest": anchor.digest}
    return json.dumps(said | {"blocks": anchor.blocks} if whole else said, separators=(",", ":"))


def tell(anchor):
    """The log has every anchor, whatever else is set."""
    logger.info("%s", line_of(anchor, whole=False))


def put_into_outbox(anchor):
    """A mail to ANCHOR_MAIL, in the transaction of the anchor itself."""
    if not settings.ANCHOR_MAIL:
        return
    intro = _(
        "Keep this mail: it proves what the history of moves was on this day. To compare, save the line below"
        " into a file and run: manage.py verify_history --anchor FILE"
    )
    queue.put(
        key=f"anchor:{anchor.day}",
        to=settings.ANCHOR_MAIL,
        subject=_("Headgate's anchor of %s") % anchor.day,
        body=f"{intro}\n\n{line_of(anchor, whole=False)}\n",
        now=anchor.at,
    )


def catch_up():
    """Append to ANCHOR_FILE every anchor it lacks. A file that cannot be written is said in the log each time."""
    if not settings.ANCHOR_FILE:
        return 0
    try:
        return _append(settings.ANCHOR_FILE)
    except OSError as error:
        logger.error("ANCHOR_FILE %s cannot be written: %s", settings.ANCHOR_FILE, error.strerror)
        return 0


def _append(path):
    """Append-only, for this account alone; one process at a time."""
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "rb+", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last = _last_line(file)
        missing = Anchor.objects.filter(day__gt=_day_of(last)) if _day_of(last) else Anchor.objects.all()
        lines = [f"{line_of(anchor)}\n" for anchor in missing]
        if lines:
            torn = last and not last.endswith(b"\n")
            file.write((("\n" if torn else "") + "".join(lines)).encode())
            os.fsync(file.fileno())
        return len(lines)


def _last_line(file):
    """The last line, its end included; read from the end, since lines are few and the file grows for years."""
    size, tail = file.seek(0, os.SEEK_END), b""
    while size and b"\n" not in tail[:-1]:
        step = min(_TAIL, size)
        size -= step
        file.seek(size)
        tail = file.read(step) + tail
    return tail[tail.rfind(b"\n", 0, max(len(tail) - 1, 0)) + 1 :]


def _day_of(line):
    try:
        return json.loads(line)["day"]
    except (ValueError, KeyError, TypeError):
        return ""
