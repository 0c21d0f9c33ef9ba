"""What counts as normal: leave the band, and somebody is asked why."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Benchmark(models.Model):
    """A band for one figure, of a pipeline or of one of its stages."""

    metric = models.CharField(_("figure"), max_length=40)
    pipeline = models.ForeignKey(
        "pipeline.Pipeline", models.CASCADE, related_name="+", verbose_name=_("pipeline")
    )
    stage = models.ForeignKey(
        "pipeline.Stage", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("stage")
    )
    low = models.DecimalField(_("at least"), max_digits=14, decimal_places=2, null=True, blank=True)
    high = models.DecimalField(_("at most"), max_digits=14, decimal_places=2, null=True, blank=True)
    asks = models.ForeignKey(
        "team.User", models.CASCADE, related_name="+", verbose_name=_("who looks into it")
    )
    # Since when the figure is outside; empty while it is inside. One alert per time outside.
    outside_since = models.DateField(null=True, editable=False)
    # The last night it was looked at.
    checked_on = models.DateField(null=True, editable=False)

    class Meta:
        ordering = ["pipeline", "metric", "stage"]
        verbose_name = _("benchmark")
        verbose_name_plural = _("benchmarks")
        constraints = [
            models.UniqueConstraint(fields=["metric", "pipeline", "stage"], name="benchmark_of_stage_once"),
            models.UniqueConstraint(
                fields=["metric", "pipeline"], condition=models.Q(stage__isnull=True), name="benchmark_once"
            ),
            models.CheckConstraint(
                condition=models.Q(low__isnull=False) | models.Q(high__isnull=False),
                name="benchmark_has_band",
            ),
        ]

    def __str__(self):
        return f"{self.metric} {self.pipeline}"
