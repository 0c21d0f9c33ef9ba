"""One act on many deals, deal by deal through the door, with what became of each."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from .deal import Deal


class BulkAction(models.TextChoices):
    MOVE = "move", _("Move")
    REASSIGN = "reassign", _("Hand over")
    ARCHIVE = "archive", _("Archive")
    NEXT_STEP = "next_step", _("Set the next step")
    BACK = "back", _("Move back to what is proven")
    UNDO = "undo", _("Undo")


# What a run of these did can be taken back as a whole.
REVERSIBLE = [BulkAction.MOVE, BulkAction.ARCHIVE, BulkAction.BACK]


class BulkRun(models.Model):
    """Asked once, worked off deal by deal; a run that was cut off goes on where it stopped."""

    action = models.CharField(max_length=10, choices=BulkAction)
    # What is to happen, as the form gave it: to, reason, owner, next_step, next_step_on.
    arguments = models.JSONField(default=dict)
    by = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    # Made with the form: the same form sent twice is one run.
    token = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # The run that this one takes back; each can be taken back once.
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        ordering = ["-asked_at", "-id"]

    def __str__(self):
        return f"{self.get_action_display()} #{self.pk}"


class BulkItem(models.Model):
    """One deal of a run. `outcome` is empty until its turn came."""

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="items")
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="+")
    # The state the person saw when they chose the deal.
    seen_seq = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    # Why it was refused, one sentence a line.
    message = models.TextField(blank=True)

    class Meta:
        ordering = ["run", "id"]
        constraints = [models.UniqueConstraint(fields=["run", "deal"], name="bulk_item_once")]

    def __str__(self):
        return f"{self.run_id}: {self.deal_id}"
