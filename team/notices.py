"""Notices: what somebody should know without being asked to do it. Shown in the top bar until read."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """One sentence for one person, with the page it is about."""

    user = models.ForeignKey("team.User", models.CASCADE, related_name="notices")
    at = models.DateTimeField()
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=200, blank=True)
    # The same key is said to the same person once.
    key = models.CharField(max_length=120)
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [
            models.Index(
                fields=["user", "-at"], condition=models.Q(read_at__isnull=True), name="notice_unread"
            )
        ]

    def __str__(self):
        return self.text


def tell(users, text, *, key, url="", now=None):
    """Give each of the users this notice, once per key. Part of the caller's transaction."""
    now = now or timezone.now()
    rows = [Notice(user=user, at=now, text=str(text)[:300], url=url, key=key) for user in users]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
