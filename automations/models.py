"""What the engine remembers of itself: its last tick, what it holds back, and deals set aside with their error."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tick(models.Model):
    """The one row that says when the clock was last looked at."""

    at = models.DateTimeField()
    seconds = models.FloatField(default=0)
    done = models.CharField(max_length=500, blank=True)
    error = models.CharField(max_length=500, blank=True)
    # When every deal's next due date was last computed anew, and by which calendars.
    checked_on = models.DateField(null=True)
    calendars = models.CharField(max_length=64, blank=True)
    # Where a check that is under way goes on; empty when it is through.
    checking_after = models.BigIntegerField(null=True, default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_tick")]

    def __str__(self):
        return str(self.at)


class HoldReason(models.TextChoices):
    GAP = "gap", _("Nobody watched for days")
    BACKWARDS = "backwards", _("The clock went back")
    SKEW = "skew", _("The clocks of web and database differ")
    MASS = "mass", _("Too many deals at once")


class Hold(models.Model):
    """Re-engaging and archiving wait until a manager says so."""

    reason = models.CharField(max_length=10, choices=HoldReason)
    pipeline = models.ForeignKey("pipeline.Pipeline", models.PROTECT, null=True, related_name="+")
    held_at = models.DateTimeField()
    details = models.JSONField(default=dict)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-held_at", "-id"]
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                fields=["reason", "pipeline"],
                condition=models.Q(released_at__isnull=True),
                name="hold_once",
            ),
            models.UniqueConstraint(
                fields=["reason"],
                condition=models.Q(released_at__isnull=True, pipeline__isnull=True),
                name="hold_of_all_once",
            ),
        ]

    def __str__(self):
        return self.get_reason_display()


class Setback(models.Model):
    """A deal that could not be swept: set aside with its error, tried again later and later."""

    deal = models.OneToOneField("deals.Deal", models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    failed_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=1)
    retry_at = models.DateTimeField()
    error = models.CharField(max_length=500)

    class Meta:
        ordering = ["-failed_at", "-id"]
        verbose_name = _("setback")
        verbose_name_plural = _("setbacks")

    def __str__(self):
        return f"{self.deal_id}: {self.error}"
