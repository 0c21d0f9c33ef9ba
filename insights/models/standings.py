"""How each live deal stood, from one night to the next change: what a bridge between two days is made of."""

from django.db import models

from deals.models import Status


class StandingNight(models.Model):
    """A local day at whose beginning the standings were written down, whether or not anything had changed."""

    day = models.DateField(unique=True)
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["-day"]

    def __str__(self):
        return str(self.day)


class Standing(models.Model):
    """From `since` (a night) until the night before `until` the deal stood like this. `until` empty: it still does."""

    deal = models.ForeignKey("deals.Deal", models.PROTECT, related_name="standings")
    since = models.DateField()
    until = models.DateField(null=True)
    stage = models.ForeignKey("pipeline.Stage", models.PROTECT, related_name="+")
    status = models.CharField(max_length=12, choices=Status)
    # Organisation's currency.
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    expected_close = models.DateField(null=True)
    proven = models.BooleanField()
    # Why it counts as claimed (insights/causes.py); empty where it is proven.
    cause = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["deal", "since"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "since"], name="standing_once"),
            models.UniqueConstraint(
                fields=["deal"], condition=models.Q(until__isnull=True), name="standing_of_now_once"
            ),
        ]

    def __str__(self):
        return f"{self.deal_id} since {self.since}"
