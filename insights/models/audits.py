"""An audit: every open deal held against a process at one moment, kept so that a later one can be compared."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Audit(models.Model):
    """What was found. Money in the organisation's currency."""

    made_at = models.DateTimeField()
    by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    pipeline = models.ForeignKey("pipeline.Pipeline", models.PROTECT, related_name="+")
    # The published version it was held against; empty where it was the draft.
    version = models.ForeignKey("pipeline.ProcessVersion", models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)
    deals = models.PositiveIntegerField(default=0)
    failing = models.PositiveIntegerField(default=0)
    money_before = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    money_after = models.DecimalField(max_digits=16, decimal_places=2, default=0)

    # Figures are written at once; what each deal lacks in chunks, up to this row, until it is done.
    detailed_to = models.PositiveBigIntegerField(default=0)
    detailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(detailed_at__isnull=True), name="audit_under_way")
        ]

    def __str__(self):
        return f"{self.pipeline} {self.made_at:%Y-%m-%d}"

    @property
    def held_against(self):
        return _("version %(number)s") % {"number": self.version.number} if self.version else _("draft")


class AuditRow(models.Model):
    """One deal of an audit, as it stood then."""

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="rows")
    deal = models.ForeignKey("deals.Deal", models.PROTECT, related_name="+")
    stage = models.ForeignKey("pipeline.Stage", models.PROTECT, related_name="+")
    owner = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    holds = models.BooleanField()
    # The deepest stage whose gates hold; the same as `stage` where everything holds.
    deepest = models.ForeignKey("pipeline.Stage", models.PROTECT, related_name="+")
    # Ids of the criteria that are open or only claimed, and words that are no criterion ("next step past").
    missing = models.JSONField(default=list)

    class Meta:
        ordering = ["audit", "id"]
        constraints = [models.UniqueConstraint(fields=["audit", "deal"], name="audit_row_once")]

    def __str__(self):
        return f"{self.audit_id}: {self.deal_id}"
