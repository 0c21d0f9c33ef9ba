"""The day from which imported deals of a stage have to prove it."""

from django.db import models
from django.db.models import Q

from .bulk import BulkRun


class LandingDay(models.Model):
    """On this day, imported deals that do not prove this stage land in the deepest one that they do."""

    stage = models.ForeignKey("pipeline.Stage", models.PROTECT, related_name="+")
    day = models.DateField()
    by = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    # When those whose deals are meant were told; again on the day before.
    reminded_on = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    # What was done about it on the day.
    run = models.OneToOneField(BulkRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["stage"],
                condition=Q(run__isnull=True, withdrawn_at__isnull=True),
                name="landing_day_once",
            )
        ]

    def __str__(self):
        return f"{self.stage}: {self.day}"
