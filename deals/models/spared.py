"""Deals that a tightened criterion leaves alone, because they had entered its stage before it was tightened."""

from django.db import models

from .deal import Deal


class Spared(models.Model):
    """The deal is not asked this criterion (where it is new), or keeps the answer judged by the older definition."""

    deal = models.ForeignKey(Deal, models.CASCADE, related_name="spared")
    criterion = models.ForeignKey("pipeline.Criterion", models.PROTECT, related_name="+")
    version = models.ForeignKey("pipeline.ProcessVersion", models.PROTECT, related_name="+")
    # The day it binds this deal, too; empty: never, as long as the deal does not enter the stage anew.
    until = models.DateField(null=True)
    # It is asked all the same: the answer the deal had opens as the older definition judged it.
    keeps_answer = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "criterion"], name="spared_once")]
        indexes = [
            models.Index(fields=["until"], condition=models.Q(until__isnull=False), name="spared_until")
        ]

    def __str__(self):
        return f"{self.deal_id}: {self.criterion_id}"
