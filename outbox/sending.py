"""Sending what is due: claimed, sent, noted. A crash between sending and noting sends the same Message-ID again."""

import smtplib
from datetime import UTC
from email.utils import formataddr

from django.conf import settings
from django.core import mail as django_mail

from . import attempts, limits
from .attempts import WAITS, Sent
from .models import Mail

__all__ = ["WAITS", "Sent", "message_of", "send_due"]

# What nobody wrote to somebody; answering machines leave it alone.
AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def send_due(now, limit=100, zone=lambda: UTC):
    """Send what is due, oldest first. A server that cannot be reached ends the round: the rest stay due.

    `zone` gives the time zone whose days count for automatic mails; it is asked where there is one.
    """
    done, connection = Sent(), None
    try:
        while done.sent + done.failed < limit and (mail := _claim(now, zone)):
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


def _claim(now, zone):
    """The next due mail that may leave today."""
    while mail := attempts.claim(Mail.objects.all(), now):
        if not mail.is_automatic or limits.admits(mail, now, zone()):
            return mail
    return None


def _connected():
    connection = django_mail.get_connection()
    connection.open()
    return connection


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
    message = django_mail.EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[formataddr((mail.to_name, mail.to_address)) if mail.to_name else mail.to_address],
        reply_to=[mail.reply_to] if mail.reply_to else None,
        headers={"Message-ID": mail.message_id} | ({} if is_by_hand(mail) else AUTOMATIC),
        connection=connection,
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message


def is_by_hand(mail):
    """One of us pressed "send" and answers come to them: no vacation note need be held back, no filter sort it out."""
    return bool(mail.reply_to) and not mail.is_automatic


def _note_success(mail, now):
    if mail.is_secret:
        mail.body = mail.html = ""
    attempts.succeeded(mail, now, also=["body", "html"])


def _note_failure(mail, error, now, done):
    attempts.failed(mail, words_of(error), now, done, is_final=is_final(error))


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
