"""Sending what is due: claimed, sent, noted. A crash between sending and noting sends the same Message-ID again."""

import logging
import smtplib
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import formataddr

from django.conf import settings
from django.core import mail as django_mail
from django.db import transaction

from .models import Mail

logger = logging.getLogger(__name__)

# After each failed attempt, how long until the next; after the last one the mail is given up.
WAITS = [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
         timedelta(hours=8), timedelta(hours=24)]  # fmt: skip
# A claimed mail is nobody else's for so long; longer than any server may take to answer.
CLAIMED_FOR = timedelta(minutes=10)


@dataclass
class Sent:
    """What one round did. `given_up` holds the keys of mails nobody will try again by themselves."""

    sent: int = 0
    failed: int = 0
    given_up: list = field(default_factory=list)

    def __bool__(self):
        return bool(self.sent or self.failed)

    def __str__(self):
        return f"{self.sent} mails sent, {self.failed} not"


def send_due(now, limit=100):
    """Send what is due, oldest first. A server that cannot be reached ends the round: the rest stay due."""
    done, connection = Sent(), None
    try:
        while done.sent + done.failed < limit and (mail := _claim(now)):
            try:
                connection = connection or _connected()
            except (OSError, smtplib.SMTPException) as error:
                _note_failure(mail, error, now, done)
                break
            if not _send(mail, connection, now, done):
                connection.close()  # the next mail finds a fresh conversation
                connection = None
    finally:
        if connection:
            connection.close()
    return done


def _connected():
    connection = django_mail.get_connection()
    connection.open()
    return connection


def _claim(now):
    """The next due mail, taken so that no other sender sees it; None where there is none."""
    with transaction.atomic():
        due = Mail.objects.filter(next_attempt_at__lte=now, sent_at__isnull=True, given_up_at__isnull=True)
        mail = due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk").first()
        if mail:
            mail.attempts += 1
            mail.next_attempt_at = now + CLAIMED_FOR
            mail.save(update_fields=["attempts", "next_attempt_at"])
    return mail


def _send(mail, connection, now, done):
    try:
        if not connection.send_messages([message_of(mail, connection)]):
            raise smtplib.SMTPException("the server took no recipient")
    except (OSError, ValueError, smtplib.SMTPException) as error:
        _note_failure(mail, error, now, done)
        return False
    _note_success(mail, now)
    done.sent += 1
    return True


def message_of(mail, connection=None):
    """The mail as it leaves. Django refuses a header with a line break."""
    return django_mail.EmailMessage(
        subject=mail.subject,
        body=mail.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[formataddr((mail.to_name, mail.to_address)) if mail.to_name else mail.to_address],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
        connection=connection,
    )


def _note_success(mail, now):
    mail.sent_at, mail.next_attempt_at, mail.error = now, None, ""
    if mail.is_secret:
        mail.body = ""
    mail.save(update_fields=["sent_at", "next_attempt_at", "error", "body"])


def _note_failure(mail, error, now, done):
    done.failed += 1
    mail.error = words_of(error)[:300]
    if is_final(error) or mail.attempts > len(WAITS):
        mail.given_up_at, mail.next_attempt_at = now, None
        done.given_up.append(mail.key)
        logger.error("mail %s is given up after %d attempts: %s", mail.pk, mail.attempts, mail.error)
    else:
        mail.next_attempt_at = now + WAITS[mail.attempts - 1]
    mail.save(update_fields=["error", "given_up_at", "next_attempt_at"])


def is_final(error):
    """The server will not take this mail, whenever we ask: 5xx for the recipient or the content."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, ValueError)


def words_of(error):
    """What the server said, in one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()), (0, b""))
        return f"{code} {_decoded(text)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decoded(error.smtp_error)}"
    return _decoded(str(error) or type(error).__name__)


def _decoded(text):
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return " ".join(text.replace("\0", "").split())
