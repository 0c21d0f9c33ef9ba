"""Mail that is to leave: a row written in the transaction of what it is about, sent later, perhaps after retries."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mail(models.Model):
    """One mail to one address. Retries carry the same Message-ID, so that a receiver can tell them."""

    # What it is about; the same thing is put in once.
    key = models.CharField(max_length=120, unique=True)
    message_id = models.CharField(max_length=200, unique=True)
    to_address = models.EmailField(max_length=254)
    to_name = models.CharField(max_length=120, blank=True)
    reply_to = models.EmailField(max_length=254, blank=True)
    subject = models.CharField(max_length=200)
    # Emptied once sent where it carries a secret.
    body = models.TextField()
    is_secret = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    # When to try next; empty once sent or given up.
    next_attempt_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="mail_due",
            )
        ]

    def __str__(self):
        return self.subject
