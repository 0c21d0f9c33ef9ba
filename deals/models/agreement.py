"""What both sides have to settle before a deal closes: approvals, objections, and what speaks against an answer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .deal import Deal
from .evidence import Activity, Attachment
from .people import Contact


class ApprovalSide(models.TextChoices):
    BUYER = "buyer", _("Buyer")
    LEGAL = "legal", _("Our legal")
    FINANCE = "finance", _("Our finance")
    OTHER = "other", _("Our side")


class Decision(models.TextChoices):
    PENDING = "pending", _("Pending")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("No longer needed")


class Approval(models.Model):
    """One yes a deal needs. Ours is decided by a user, the buyer's is recorded with the conversation it came in."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="approvals")
    criterion = models.ForeignKey("pipeline.Criterion", models.PROTECT, related_name="+")
    side = models.CharField(_("side"), max_length=8, choices=ApprovalSide)
    subject = models.CharField(_("what is to be approved"), max_length=200)
    # Exactly one of the two: who of us decides, or who of the buyer.
    approver = models.ForeignKey("team.User", models.PROTECT, null=True, blank=True, related_name="approvals")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(_("due"), null=True, blank=True)
    asked_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, default=Decision.PENDING)
    decided_at = models.DateTimeField(null=True)
    # Who recorded it; for our side the approver himself.
    decided_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    comment = models.TextField(_("comment"), blank=True)
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="+")
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.CheckConstraint(
                condition=Q(approver__isnull=False, contact__isnull=True)
                | Q(approver__isnull=True, contact__isnull=False),
                name="approval_by_one_person",
            )
        ]
        indexes = [
            models.Index(
                fields=["approver", "due_on"], condition=Q(decision="pending"), name="approval_waiting"
            )
        ]

    def __str__(self):
        return self.subject


class ObjectionStatus(models.TextChoices):
    OPEN = "open", _("Open")
    ANSWERED = "answered", _("Answered, not accepted yet")
    ACCEPTED = "accepted", _("Answer accepted")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Objections that keep a gate shut.
UNSETTLED = [ObjectionStatus.OPEN, ObjectionStatus.ANSWERED]


class Objection(models.Model):
    """Something the buyer holds against buying; settled when they accepted the answer."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="objections")
    stage = models.ForeignKey("pipeline.Stage", models.PROTECT, related_name="+")
    text = models.TextField(_("objection"))
    raised_by = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    raised_at = models.DateTimeField()
    recorded_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    status = models.CharField(
        _("status"), max_length=10, choices=ObjectionStatus, default=ObjectionStatus.OPEN
    )
    response = models.TextField(_("our answer"), blank=True)
    accepted_by = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["status", "raised_at", "id"]
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        indexes = [
            models.Index(fields=["deal"], condition=Q(status__in=["open", "answered"]), name="objection_open")
        ]

    def __str__(self):
        return self.text[:80]


class Contradiction(models.Model):
    """Something that speaks against an answer. While it stands the answer is contested and opens no gate."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="contradictions")
    criterion = models.ForeignKey("pipeline.Criterion", models.PROTECT, related_name="+")
    text = models.TextField(_("what speaks against it"))
    source = models.CharField(_("where that is from"), max_length=200)
    noted_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField()
    settled_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settlement = models.CharField(_("how it was settled"), max_length=300, blank=True)

    class Meta:
        ordering = ["-noted_at", "-id"]
        indexes = [
            models.Index(
                fields=["deal", "criterion"], condition=Q(settled_at__isnull=True), name="contradiction_open"
            )
        ]

    def __str__(self):
        return self.text[:80]
