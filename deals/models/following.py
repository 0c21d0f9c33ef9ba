"""Clocks that follow a publication, because there were too many to be set in its transaction."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClocksToFollow(models.Model):
    """As long as this row is there, deals of these stages whose ids come after `after` may have clocks of an older
    process."""

    pipeline = models.OneToOneField("pipeline.Pipeline", models.PROTECT, related_name="+")
    # Ids of the stages whose timers a publication changed.
    stages = models.JSONField()
    # How many deals there were, and how many of them have been looked at.
    deals = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    after = models.BigIntegerField(default=0)
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("clocks that follow")
        verbose_name_plural = _("clocks that follow")

    def __str__(self):
        return f"{self.pipeline}: {self.done}/{self.deals}"

    @property
    def left(self):
        """A deal that came in meanwhile is looked at, too, and one that was closed is not."""
        return max(self.deals - self.done, 0)
