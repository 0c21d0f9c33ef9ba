"""How deals went through their stages, kept beside the ledger it is read from (insights/flow)."""

from django.db import models

from deals.models import Kind, Status


def _of(model, **more):
    """What the ledger points to is there; asking again for each row would take as long as writing it."""
    return models.ForeignKey(model, models.PROTECT, related_name="+", db_constraint=False, **more)


class Reached(models.Model):
    """When a deal first reached a stage, by standing in it or by passing over it."""

    deal = _of("deals.Deal", db_index=False)
    stage = _of("pipeline.Stage", db_index=False)
    at = models.DateTimeField()
    # Ids of all stages the deal reached until now, in the order it did: "4,7,9".
    path = models.TextField()
    # How the deal stands now.
    status = models.CharField(max_length=12, choices=Status)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "stage"], name="reached_once")]
        # A period is read from the index alone (PostgreSQL).
        indexes = [
            models.Index(fields=["at"], include=["deal", "stage", "path", "status"], name="reached_when")
        ]

    def __str__(self):
        return f"{self.deal_id} reached {self.stage_id}"


class Stay(models.Model):
    """A stay of a deal in a stage that has ended."""

    deal = _of("deals.Deal", db_index=False)
    stage = _of("pipeline.Stage", db_index=False)
    began = models.DateTimeField()
    ended = models.DateTimeField()
    # The kind of the row that ended it.
    how = models.CharField(max_length=10, choices=Kind)
    # Its pauses, "from-until,from-until" in seconds since 1970; whose days they are is known when it is read.
    pauses = models.TextField(blank=True)

    class Meta:
        # A period, and where a deal stood at a moment, are read from the indexes alone (PostgreSQL).
        indexes = [
            models.Index(
                fields=["ended"], include=["deal", "stage", "began", "how", "pauses"], name="stay_when"
            ),
            models.Index(fields=["deal", "began"], include=["ended", "stage"], name="stay_of_deal"),
        ]

    def __str__(self):
        return f"{self.deal_id} in {self.stage_id}"
