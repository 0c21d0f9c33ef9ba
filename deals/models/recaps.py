"""Recaps: what we understood, sent to the buyer contact, who confirms or corrects it by a link of their own."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .deal import Deal
from .evidence import Activity, Answer
from .people import Contact


class RecapState(models.TextChoices):
    SENT = "sent", _("Sent")
    CONFIRMED = "confirmed", _("Confirmed")
    CORRECTED = "corrected", _("Corrected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Recap(models.Model):
    """One mail with a single-use link. Only the hash of the link's secret is kept; nobody of us ever sees it."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="recaps")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    # The address as it was; a contact's address may change later.
    address = models.EmailField(max_length=254)
    # The address was new or changed within a day before sending.
    address_is_fresh = models.BooleanField(default=False)
    address_since = models.DateTimeField(null=True)
    sent_by = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    subject = models.CharField(max_length=200)
    intro = models.TextField(blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=RecapState, default=RecapState.SENT)
    answered_at = models.DateTimeField(null=True)
    answered_from = models.GenericIPAddressField(null=True)
    answered_with = models.CharField(max_length=300, blank=True)
    # The buyer's own act, on the deal's timeline.
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-sent_at", "-id"]
        verbose_name = _("recap")
        verbose_name_plural = _("recaps")

    def __str__(self):
        return self.subject


class RecapLine(models.Model):
    """One statement of a recap, for one criterion, and what the buyer said to it."""

    recap = models.ForeignKey(Recap, models.CASCADE, related_name="lines")
    criterion = models.ForeignKey("pipeline.Criterion", models.PROTECT, related_name="+")
    # The answer it puts to the buyer; a later one makes the line void.
    answer = models.ForeignKey(Answer, models.PROTECT, null=True, related_name="+")
    statement = models.TextField()
    position = models.PositiveSmallIntegerField(default=1)
    confirmed = models.BooleanField(null=True)
    correction = models.TextField(blank=True)

    class Meta:
        ordering = ["recap", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["recap", "criterion"], name="recap_line_once")]

    def __str__(self):
        return self.statement[:80]


class RecapRefusal(models.Model):
    """Somebody of us was signed in where a buyer's link was answered. Recorded apart; nothing else was changed."""

    recap = models.ForeignKey(Recap, models.CASCADE, related_name="refusals")
    at = models.DateTimeField()
    user = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    came_from = models.GenericIPAddressField(null=True)
    came_with = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("refused answer to a recap")
        verbose_name_plural = _("refused answers to recaps")

    def __str__(self):
        return f"{self.user}: {self.recap}"
