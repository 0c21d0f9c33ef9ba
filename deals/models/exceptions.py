"""Exceptions: a gate opened by a second person, for named criteria, for a time, in front of everybody."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .deal import Deal
from .ledger import Transition


class ExceptionState(models.TextChoices):
    ASKED = "asked", _("Asked")
    GRANTED = "granted", _("Granted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    # Granted, and what was waived has been answered since.
    MENDED = "mended", _("Mended")


LIVE_EXCEPTION = [ExceptionState.ASKED, ExceptionState.GRANTED]


class GateException(models.Model):
    """One request to pass a gate although named criteria are open. Granting it performs the move."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="exceptions")
    to_stage = models.ForeignKey("pipeline.Stage", models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ExceptionState, default=ExceptionState.ASKED)
    asked_by = models.ForeignKey("team.User", models.PROTECT, related_name="exceptions_asked")
    asked_at = models.DateTimeField()
    # The seq of the deal when it was asked: granting moves the deal only if nothing moved it since.
    seen_seq = models.PositiveIntegerField()
    reason = models.TextField(_("why"))
    expires_on = models.DateField(_("expires on"))
    decided_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(_("note"), blank=True)
    # The ledger row that granting wrote.
    transition = models.OneToOneField(Transition, models.PROTECT, null=True, related_name="exception")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        verbose_name = _("exception")
        verbose_name_plural = _("exceptions")
        constraints = [
            models.UniqueConstraint(
                fields=["deal"], condition=Q(state=ExceptionState.ASKED), name="exception_asked_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | ~Q(decided_by=models.F("asked_by"))
                | Q(state="withdrawn"),
                name="exception_decided_by_another",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="exception_says_why"),
        ]
        indexes = [
            models.Index(
                fields=["asked_by"], condition=Q(state__in=["asked", "granted"]), name="exception_open"
            )
        ]

    def __str__(self):
        return f"{self.deal}: {self.get_state_display()}"


class WaivedCriterion(models.Model):
    """A criterion that was open when the exception was asked; no other is waived by it."""

    exception = models.ForeignKey(GateException, models.CASCADE, related_name="waived")
    criterion = models.ForeignKey("pipeline.Criterion", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["exception", "criterion"], name="waived_once")]

    def __str__(self):
        return str(self.criterion)
