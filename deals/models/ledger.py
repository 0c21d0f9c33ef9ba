"""The ledger. A move is one row here; the guard lets nothing else change where a deal stands."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .deal import Deal, LossReason
from .machine import Kind, Status


class Source(models.TextChoices):
    PAGE = "page", _("Page")
    API = "api", _("API")
    ADMIN = "admin", _("Administration")
    IMPORT = "import", _("Import")
    BULK = "bulk", _("Bulk")
    RULE = "rule", _("Rule")
    COMMAND = "command", _("Command")


class Transition(models.Model):
    """One ledger row: never updated, never deleted. The chain of hashes shows a row that was."""

    # Its rows are found by the index of its numbers.
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="transitions", db_index=False)
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    from_stage = models.ForeignKey("pipeline.Stage", models.PROTECT, null=True, related_name="+")
    to_stage = models.ForeignKey("pipeline.Stage", models.PROTECT, related_name="+")
    from_status = models.CharField(max_length=12, choices=Status, blank=True)
    to_status = models.CharField(max_length=12, choices=Status)
    # Ids of the stages an advance passed, in order.
    passed = models.JSONField(default=list)
    actor = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    source = models.CharField(max_length=10, choices=Source)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    owner = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    team = models.ForeignKey("team.Team", models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    version = models.ForeignKey("pipeline.ProcessVersion", models.PROTECT, related_name="+")
    # [{criterion, definition, holds, answer, digest}]: ids, states and salted digests, never words or names.
    snapshot = models.JSONField(default=list)
    reason = models.TextField(blank=True)
    loss_reason = models.ForeignKey(LossReason, models.PROTECT, null=True, related_name="+")
    approver = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    batch = models.CharField(max_length=36, blank=True)
    # The client's key: the same key again gives the first answer.
    key = models.CharField(max_length=64, blank=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["deal", "seq"]
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        constraints = [
            models.UniqueConstraint(fields=["deal", "seq"], name="transition_seq_once"),
            models.UniqueConstraint(
                fields=["deal", "key"], condition=~models.Q(key=""), name="transition_key_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=Kind.EXCEPTION)
                | (
                    models.Q(approver__isnull=False)
                    & ~models.Q(reason="")
                    & ~models.Q(approver=models.F("actor"))
                ),
                name="exception_has_reason_and_approver",
            ),
        ]
        indexes = [
            # For metrics by period, which read it without the rows (PostgreSQL).
            models.Index(
                fields=["happened_at"],
                include=["deal", "seq", "kind", "from_stage", "to_stage", "owner", "passed"],
                name="transition_when",
            ),
            # What was won in a period, of all rows by month and quarter.
            models.Index(
                fields=["happened_at"],
                include=["deal", "seq", "kind"],
                condition=models.Q(to_status=Status.WON),
                name="transition_won",
            ),
            # Where a deal was before and after a row.
            models.Index(
                fields=["deal", "seq"], include=["kind", "to_stage", "to_status"], name="transition_way"
            ),
            # What was undone counts for nothing: rare, and asked of every row that is counted.
            models.Index(
                fields=["deal", "seq"], condition=models.Q(kind=Kind.UNDO), name="transition_undone"
            ),
        ]

    def __str__(self):
        return f"{self.deal_id}#{self.seq} {self.kind}"


class GateRefusal(models.Model):
    """A move the gate refused. Recorded apart, after the refusal rolled back; feeds timeline and metrics."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="refusals")
    at = models.DateTimeField()
    actor = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    from_stage = models.ForeignKey("pipeline.Stage", models.PROTECT, related_name="+")
    # Empty where winning was refused.
    to_stage = models.ForeignKey("pipeline.Stage", models.PROTECT, null=True, related_name="+")
    criteria = models.JSONField(default=list)
    source = models.CharField(max_length=10, choices=Source)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["deal", "-at"], name="refusal_timeline"),
            # For what stops deals in a stage, newest first.
            models.Index(fields=["from_stage", "-at"], name="refusal_of_stage"),
            models.Index(fields=["at"], name="refusal_when"),  # for what gates did in a period
        ]
        verbose_name = _("gate refusal")
        verbose_name_plural = _("gate refusals")

    def __str__(self):
        return f"{self.deal_id} refused"
