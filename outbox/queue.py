"""Putting mail into the outbox, in the transaction of what it is about."""

import secrets
from email.utils import parseaddr

from django.conf import settings
from django.core.validators import validate_email

from . import attempts, calling
from .attempts import one_line
from .models import Mail

_LONGEST = {"subject": 200, "name": 120, "error": attempts.LONGEST_ERROR}


def put(*, key, to, subject, body, name="", reply_to="", html="", is_secret=False, is_automatic=False, now):
    """Queue one mail; the same key again gives the mail there is. ValidationError for what is no address.

    `is_automatic`: to somebody outside, without one of us pressing "send"; limits.py counts those.
    """
    for address in filter(None, [to, reply_to]):
        validate_email(address)
    mail, _made = Mail.objects.get_or_create(
        key=key,
        defaults={
            "message_id": new_message_id(),
            "to_address": to,
            "to_name": one_line(name)[: _LONGEST["name"]],
            "reply_to": reply_to,
            "subject": one_line(subject)[: _LONGEST["subject"]],
            "body": body,
            "html": html,
            "is_secret": is_secret,
            "is_automatic": is_automatic,
            "created_at": now,
            "next_attempt_at": now,
        },
    )
    calling.call()
    return mail


def withdraw(key, *, reason, now):
    """Do not send a mail any more that has not been sent. One that is on its way may still arrive."""
    waiting = attempts.waiting(Mail.objects.filter(key=key))
    waiting.update(given_up_at=now, next_attempt_at=None, error=reason[: _LONGEST["error"]], body="", html="")


def try_again(mail_ids, *, now):
    """Give mails that were given up another round of attempts. Withdrawn ones have no body left. Returns how many."""
    count = attempts.try_again(Mail.objects.filter(pk__in=mail_ids).exclude(body=""), now)
    calling.call()
    return count


def new_message_id():
    """Made once and stored, so that every attempt carries the same one. Says nothing of this machine."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{secrets.token_hex(16)}@{domain}>"
