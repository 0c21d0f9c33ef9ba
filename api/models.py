"""Who may script Headgate, and what they have asked already."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    READ = "read", _("Read")
    WRITE = "write", _("Write: answers, activities, tasks, companies, contacts, deals")
    MOVE = "move", _("Move deals")


class Token(models.Model):
    """A key that acts as its user. Its scopes only narrow what the user may do; the secret is shown once."""

    user = models.ForeignKey("team.User", models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    # The first characters, to tell tokens apart; the rest is kept as a hash.
    prefix = models.CharField(max_length=12)
    hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField()
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self):
        return f"{self.name} ({self.prefix}…)"


class Request(models.Model):
    """A write that carried an Idempotency-Key, with the answer it got: the same key again gets the same answer."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="requests")
    key = models.CharField(max_length=200)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    # Digest of the body: the same key with another body is an error of the caller's.
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="idempotency_key_once")]

    def __str__(self):
        return f"{self.method} {self.path}"
