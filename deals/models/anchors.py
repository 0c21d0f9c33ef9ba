"""What the whole ledger was on a day, in a few digests. Kept here and outside the database."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Anchor(models.Model):
    """One day's digests over all ledger rows up to `last_row`, and over all process versions up to `last_version`."""

    day = models.DateField(_("day"), unique=True)
    at = models.DateTimeField()
    last_row = models.PositiveBigIntegerField()
    rows = models.PositiveIntegerField()
    deals = models.PositiveIntegerField()
    # [[number of the block of deals, digest, two sums that tell which of its deals changed], ...]
    blocks = models.JSONField(default=list)
    last_version = models.PositiveBigIntegerField()
    process = models.CharField(max_length=64)
    # The digest of the anchor before, so that a day left out shows.
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["day"]
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")

    def __str__(self):
        return f"{self.day} {self.digest[:12]}"
