"""Mail that is to leave: a row written in the transaction of what it is about, sent later, perhaps after retries."""

from django.db import models
from django.db.models.functions import Lower
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
    # The same for readers of HTML; empty: text alone.
    html = models.TextField(blank=True, db_default="", default="")
    is_secret = models.BooleanField(default=False)
    # Nobody pressed "send": at most three such leave for one address in a day, numbered as they do.
    is_automatic = models.BooleanField(default=False)
    counted_on = models.DateField(null=True)
    counted_as = models.PositiveSmallIntegerField(null=True)
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
        constraints = [
            models.UniqueConstraint(
                Lower("to_address"),
                "counted_on",
                "counted_as",
                condition=models.Q(counted_on__isnull=False),
                name="mail_counted_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="mail_due",
            )
        ]

    def __str__(self):
        return self.subject


class Endpoint(models.Model):
    """Where a webhook is sent. Rules and the anchor name it; its secret signs what leaves."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    url = models.CharField(_("address"), max_length=500)
    # Of the form whsec_...: 24 to 64 random bytes in base64.
    secret = models.CharField(_("secret"), max_length=120)
    # Signs beside the new one for a while, so that a receiver can change over without losing a message.
    former_secret = models.CharField(max_length=120, blank=True)
    former_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self):
        return self.name


class Delivery(models.Model):
    """One message to one endpoint. Retries carry the same id, so that a receiver can tell them."""

    endpoint = models.ForeignKey(Endpoint, models.PROTECT, related_name="deliveries")
    # What it is about; the same thing is put in once.
    key = models.CharField(max_length=120, unique=True)
    message_id = models.CharField(max_length=80, unique=True)
    event = models.CharField(max_length=80)
    payload = models.JSONField()
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    # When to try next; empty once sent or given up.
    next_attempt_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(next_attempt_at__isnull=False),
                name="delivery_due",
            )
        ]

    def __str__(self):
        return self.event
