"""How anything leaves the outbox: claimed by one sender, tried again later and later, given up where people see it."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

logger = logging.getLogger(__name__)

# After each failed attempt, how long until the next; after the last one it is given up.
WAITS = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
         timedelta(hours=8), timedelta(hours=24)]  # fmt: skip
# What is claimed is nobody else's for so long; longer than any server may take to answer.
CLAIMED_FOR = timedelta(minutes=10)
LONGEST_ERROR = 300


@dataclass
class Sent:
    """What one round did. `given_up` holds the keys of what nobody will try again by itself."""

    what: str = "mails"
    sent: int = 0
    failed: int = 0
    given_up: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.sent or self.failed)

    def __str__(self):
        return f"{self.sent} {self.what} sent, {self.failed} not"


def waiting(rows):
    return rows.filter(sent_at__isnull=True, given_up_at__isnull=True)


@transaction.atomic
def claim(rows, now):
    """The next due row, taken so that no other sender sees it; None where there is none."""
    due = waiting(rows).filter(next_attempt_at__lte=now)
    row = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk").first()
    if row:
        row.attempts += 1
        row.next_attempt_at = now + CLAIMED_FOR
        row.save(update_fields=["attempts", "next_attempt_at"])
    return row


def succeeded(row, now, also=()):
    row.sent_at, row.next_attempt_at, row.error = now, None, ""
    row.save(update_fields=["sent_at", "next_attempt_at", "error", *also])


def failed(row, words, now, done, *, is_final=False, also=()):
    """Note what went wrong, and when to try again if ever."""
    done.failed += 1
    row.error = words[:LONGEST_ERROR]
    if is_final or row.attempts > len(WAITS):
        row.given_up_at, row.next_attempt_at = now, None
        done.given_up.append(row.key)
        logger.error(
            "%s %s is given up after %d attempts: %s", row._meta.model_name, row.pk, row.attempts, row.error
        )
    else:
        row.next_attempt_at = now + WAITS[row.attempts - 1]
    row.save(update_fields=["error", "given_up_at", "next_attempt_at", *also])


def try_again(rows, now):
    """Another round of attempts for what was given up. Returns how many."""
    again = {"given_up_at": None, "next_attempt_at": now, "attempts": 0, "error": ""}
    return rows.filter(given_up_at__isnull=False).update(**again)


def one_line(text):
    """Without line breaks and other controls: what stands in a header cannot begin another one."""
    text = text or ""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())
