"""What happened because nobody acted, once for each silence, and the mails it drafted."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from pipeline.vocabulary import RuleAction

from .deal import Deal
from .people import Contact, indexed_where_set

UNDO_FOR = timedelta(days=7)
_TOLD = (RuleAction.NOTIFY, RuleAction.WEBHOOK)


class FiringState(models.TextChoices):
    DONE = "done", _("Done")
    SHADOW = "shadow", _("Would have happened")
    ASKED = "asked", _("A manager is asked")
    KEPT = "kept", _("A manager kept the deal")
    LAPSED = "lapsed", _("Over: the deal moved on")
    UNDONE = "undone", _("Undone")
    FAILED = "failed", _("Failed")


class FiringQuerySet(models.QuerySet):
    def asked(self):
        """Archives that wait for a manager's word."""
        return self.filter(state=FiringState.ASKED)

    def visible_to(self, user):
        return self.filter(deal__in=Deal.objects.visible_to(user))


class Firing(models.Model):
    """One rule came due for one deal. `occurrence` is what it counted from, so that it comes once for each."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="firings")
    # The rule's key; a stage's own rule of that key stands in for the pipeline's.
    key = models.CharField(max_length=40)
    occurrence = models.CharField(max_length=40)
    definition = models.ForeignKey("pipeline.RuleDefinition", models.PROTECT, related_name="+")
    action = models.CharField(max_length=20, choices=RuleAction)
    state = models.CharField(max_length=10, choices=FiringState, default=FiringState.DONE)
    # The day the rule counted from, for the reason in words.
    since = models.DateField()
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    # Number of the ledger row it wrote, where it moved the deal.
    seq = models.PositiveIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+", db_index=False)
    # A manager keeps the deal out of the archive until this day.
    kept_until = models.DateField(null=True)
    error = models.CharField(max_length=300, blank=True)

    objects = FiringQuerySet.as_manager()

    class Meta:
        ordering = ["-fired_at", "-id"]
        verbose_name = _("firing")
        verbose_name_plural = _("firings")
        constraints = [models.UniqueConstraint(fields=["deal", "key", "occurrence"], name="firing_once")]
        indexes = [
            models.Index(fields=["definition", "-fired_at"], name="firing_of_rule"),
            models.Index(
                fields=["deal"],
                condition=models.Q(state__in=["asked", "failed"]),
                name="firing_open",
            ),
            *indexed_where_set("firing", "ended_by"),
        ]

    def __str__(self):
        return f"{self.key} {self.occurrence}"

    def can_be_undone(self, deal, now):
        """For a week, and while what it wrote is the last that happened to the deal, or what it asked for is not
        done; who was told stays told."""
        if self.action in _TOLD or self.state != FiringState.DONE or now - self.fired_at > UNDO_FOR:
            return False
        return self._is_to_do() if self.seq is None else self.seq == deal.seq

    def _is_to_do(self):
        task, draft = getattr(self, "task", None), getattr(self, "mail_draft", None)
        return bool(task and task.is_to_do) or bool(draft and draft.is_to_send)


class MailDraft(models.Model):
    """A mail that a rule wrote for somebody of us to send. Nothing leaves by itself."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="mail_drafts")
    firing = models.OneToOneField(Firing, models.PROTECT, null=True, related_name="mail_draft")
    owner = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    subject = models.CharField(_("subject"), max_length=200)
    body = models.TextField(_("text"))
    expects_answer = models.BooleanField(_("it waits for an answer"), default=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("mail draft")
        verbose_name_plural = _("mail drafts")

    def __str__(self):
        return self.subject

    @property
    def is_to_send(self):
        return not (self.sent_at or self.discarded_at)
