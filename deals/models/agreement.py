"""What both sides have to settle before a deal closes: approvals, objections, and what speaks against an answer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .deal import Deal
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
    # The role of ours that is asked, where the criterion names roles; kept here since people change theirs.
    role = models.CharField(_("role"), max_length=80, blank=True)
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
    activity = models.ForeignKey("deals.Activity", models.PROTECT, null=True, related_name="+")
    attachment = models.ForeignKey("deals.Attachment", models.PROTECT, null=True, related_name="+")
    # What the deal was worth when it was decided; without a currency that is not known.
    decided_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    decided_currency = models.CharField(max_length=3, blank=True)
    # The last day it counts, where approvals of its criterion run out.
    holds_until = models.DateField(null=True)
    # When the managers were told that it is late.
    escalated_at = models.DateTimeField(null=True)
    # What it had come to before it was withdrawn, by whom and why that was.
    was = models.CharField(max_length=10, choices=Decision, blank=True)
    withdrawn_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(_("why it was withdrawn"), max_length=300, blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.CheckConstraint(
                condition=Q(approver__isnull=False, contact__isnull=True)
                | Q(approver__isnull=True, contact__isnull=False),
                name="approval_by_one_person",
            ),
            # The buyer's side is a contact, ours a colleague.
            models.CheckConstraint(
                condition=Q(side="buyer", contact__isnull=False)
                | (~Q(side="buyer") & Q(contact__isnull=True)),
                name="approval_side_of_person",
            ),
            # Nobody gives themselves what they asked for.
            models.CheckConstraint(
                condition=Q(approver__isnull=True)
                | Q(asked_by__isnull=True)
                | ~Q(approver=models.F("asked_by")),
                name="approval_asked_of_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["approver", "due_on"], condition=Q(decision="pending"), name="approval_waiting"
            )
        ]

    def __str__(self):
        return self.subject

    @property
    def who(self):
        """Whoever is asked, a colleague or somebody of the buyer's."""
        return self.approver or self.contact

    @property
    def is_pending(self):
        return self.decision == Decision.PENDING

    @property
    def is_decided(self):
        return self.decision in (Decision.APPROVED, Decision.REJECTED)

    def is_late(self, today):
        """Still waiting after the day it was due."""
        return self.is_pending and self.due_on is not None and self.due_on < today

    def remember_terms(self, deal):
        """Keep what the deal is worth as it is decided."""
        self.decided_amount, self.decided_currency = deal.amount, deal.currency

    def was_for_another_amount(self, deal):
        """Whether the deal is worth something else by now."""
        if not (self.is_decided and self.decided_currency):
            return False
        return (self.decided_amount, self.decided_currency) != (deal.amount, deal.currency)

    def has_run_out(self, today):
        return (
            self.decision == Decision.APPROVED and self.holds_until is not None and self.holds_until < today
        )


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
    settled_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    # Why it counts as settled, or was taken up again.
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["status", "raised_at", "id"]
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        indexes = [
            models.Index(
                fields=["deal"], condition=Q(status__in=["open", "answered"]), name="objection_open"
            ),
            models.Index(fields=["raised_at"], name="objection_when"),
        ]

    def __str__(self):
        return self.text[:80]

    @property
    def is_settled(self):
        return self.status not in UNSETTLED


class ContradictionQuerySet(models.QuerySet):
    def standing(self):
        """Nobody has settled them yet."""
        return self.filter(settled_at__isnull=True)


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

    objects = ContradictionQuerySet.as_manager()

    class Meta:
        ordering = ["-noted_at", "-id"]
        indexes = [
            models.Index(
                fields=["deal", "criterion"], condition=Q(settled_at__isnull=True), name="contradiction_open"
            )
        ]

    def __str__(self):
        return self.text[:80]
