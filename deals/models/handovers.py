"""A deal that was given to another seller, until that seller has accepted it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .deal import Deal

WAITING = models.Q(accepted_at__isnull=True, ended_at__isnull=True)


class HandoverQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(WAITING)


class Handover(models.Model):
    """From one owner to the next, with what came along. Written by deals.new_owner alone."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="handovers")
    old = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    new = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(_("why, and what to know"), max_length=500, blank=True)
    # What was handed over, in words, as it stood then.
    told = models.CharField(max_length=600, blank=True)
    accepted_at = models.DateTimeField(null=True)
    # The deal was given to somebody else before it was accepted.
    ended_at = models.DateTimeField(null=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["deal"], condition=WAITING, name="handover_waits_once"),
            models.CheckConstraint(condition=~models.Q(old=models.F("new")), name="handover_to_another"),
        ]
        indexes = [models.Index(fields=["new", "at"], condition=WAITING, name="handover_waiting")]

    def __str__(self):
        return f"{self.deal_id}: {self.old_id} -> {self.new_id}"
