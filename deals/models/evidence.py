"""What happened, and what the buyer confirmed in it. The conversation is the evidence."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from pipeline.vocabulary import Evidence

from ..files import private_storage, storage_name
from .agreement import Contradiction
from .deal import Deal
from .people import Contact, indexed_where_set


class ActivityKind(models.TextChoices):
    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    EMAIL = "email", _("E-mail")
    DEMO = "demo", _("Demo")
    EVALUATION = "evaluation", _("Evaluation")
    FORM = "form", _("Form")
    INVITATION = "invitation", _("Accepted invitation")
    PROPOSAL = "proposal", _("Proposal sent")
    INTRODUCTION = "introduction", _("Introduction")
    KICKOFF = "kickoff", _("Kickoff invitation")
    NOTE = "note", _("Note")
    # What a buyer contact answered to a recap, by a link of their own. Nobody of us can record one.
    CONFIRMATION = "confirmation", _("Answered by link")


# Talks: buyer activity when a buyer contact took part.
TALKS = [ActivityKind.CALL, ActivityKind.MEETING, ActivityKind.DEMO, ActivityKind.EVALUATION]
# What somebody of us may put on record.
LOGGABLE = [kind for kind in ActivityKind if kind != ActivityKind.CONFIRMATION]
# The source of an answer that the buyer gave by a link of their own.
BUYER = "buyer"


class Direction(models.TextChoices):
    IN = "in", _("From the buyer")
    OUT = "out", _("To the buyer")
    NONE = "none", _("Neither")


class Outcome(models.TextChoices):
    """How an answer of the buyer stands."""

    INTERESTED = "interested", _("Interested")
    LATER = "later", _("Later")
    NO = "no", _("No")


class Activity(models.Model):
    """Something that happened on a deal. `happened_at` is when, `recorded_at` when we were told."""

    # Its activities are found by the index of its timeline.
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="activities", db_index=False)
    kind = models.CharField(_("kind"), max_length=12, choices=ActivityKind)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction, default=Direction.NONE)
    happened_at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField(editable=False)
    recorded_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("what was said"), blank=True)
    attendees = models.ManyToManyField(Contact, related_name="activities", blank=True, verbose_name=_("who"))
    # How many buyer contacts took part; kept beside the rows so that a gate reads one table.
    buyer_count = models.PositiveSmallIntegerField(default=0, editable=False)
    # An act of the buyer: an inbound message of a contact, or a talk a contact took part in.
    from_buyer = models.BooleanField(default=False, editable=False)
    expects_answer = models.BooleanField(_("expects an answer"), default=False)
    # Auto-replies and bounces are kept but are nobody's act.
    is_auto = models.BooleanField(default=False, editable=False)
    # Recorded more than two business days later: accepted, but moves no clock.
    is_late = models.BooleanField(default=False, editable=False)
    outcome = models.CharField(_("how it stands"), max_length=10, choices=Outcome, blank=True, db_default="")
    # The day the buyer named to come back; silence counts from it.
    later_on = models.DateField(_("by when"), null=True, blank=True)
    # The form's mark: the same form sent twice is one activity.
    key = models.CharField(max_length=64, blank=True, editable=False, db_default="")

    class Meta:
        ordering = ["-happened_at", "-id"]
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [
            models.Index(fields=["deal", "-happened_at", "-id"], name="activity_timeline"),
            # For metrics by period, which read it without the rows (PostgreSQL).
            models.Index(
                fields=["happened_at"],
                include=["deal", "kind", "from_buyer", "is_late"],
                name="activity_when",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="confirmation") | Q(recorded_by__isnull=True),
                name="confirmation_by_nobody_of_us",
            ),
            models.UniqueConstraint(fields=["deal", "key"], condition=~Q(key=""), name="activity_key_once"),
        ]

    def __str__(self):
        return self.subject or self.get_kind_display()


class Attachment(models.Model):
    """A file on a deal, under a private root with a random name; served as a download only."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="attachments")
    file = models.FileField(storage=private_storage, upload_to=storage_name, max_length=200)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()

    def __str__(self):
        return self.name


class AnswerState(models.TextChoices):
    CLAIMED = "claimed", _("Claimed")
    CONFIRMED = "confirmed", _("Confirmed")
    DISPROVED = "disproved", _("Disproved")


class AnswerQuerySet(models.QuerySet):
    def current(self):
        return self.filter(is_current=True)

    def holding(self, today):
        """Answers that open their criterion on this local date. The one expression for it, for one deal and all.

        While something speaks against an answer, it opens nothing.
        """
        lasting = Q(holds_until__isnull=True) | Q(holds_until__gte=today)
        return self.current().filter(lasting, opens=True)._uncontested()

    def claimed(self):
        """Answers that the seller gives for the buyer, and that open nothing."""
        return self.current().filter(state=AnswerState.CLAIMED, opens=False)._uncontested()

    def _uncontested(self):
        against = Contradiction.objects.standing().filter(
            deal=OuterRef("deal"), criterion=OuterRef("criterion")
        )
        return self.filter(~Exists(against.order_by()))


class Answer(models.Model):
    """One answer to one criterion. Never edited: a correction is a new row, the old one stays."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="answers")
    criterion = models.ForeignKey("pipeline.Criterion", models.PROTECT, related_name="+")
    is_current = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=AnswerState, default=AnswerState.CONFIRMED)

    text = models.TextField(blank=True)
    number = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    number_to = models.DecimalField(max_digits=16, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    day = models.DateField(null=True)
    yes = models.BooleanField(null=True)
    person = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+", db_index=False)
    link = models.CharField(max_length=500, blank=True)
    attachment = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+", db_index=False)

    # Who confirmed, in which conversation, in which words.
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="answers")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    words = models.TextField(blank=True)
    evidence = models.CharField(max_length=5, choices=Evidence, default=Evidence.NONE)

    # Judged against the definition in force when written, again when a publication changes it.
    opens = models.BooleanField(default=False)
    flaw = models.CharField(max_length=200, blank=True)
    holds_until = models.DateField(null=True)

    # What reading the texts comes to (measures.py), so that many can be judged in SQL. NULL: not read yet.
    text_says = models.BooleanField(null=True)
    text_length = models.PositiveIntegerField(null=True)
    text_items = models.PositiveIntegerField(null=True)
    words_say = models.BooleanField(null=True)

    recorded_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=10, default="page")
    replaced_at = models.DateTimeField(null=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "criterion"], condition=Q(is_current=True), name="answer_current_once"
            )
        ]
        # None names what judging writes (opens, holds_until): then judging anew writes no index (decision 0024).
        indexes = [
            *indexed_where_set("answer", "person", "attachment"),
            # For figures by period: what was confirmed.
            models.Index(fields=["recorded_at"], name="answer_recorded_when"),
            # For the tick, which asks every minute whether a text is left to read.
            models.Index(
                fields=["id"], condition=Q(is_current=True, text_says__isnull=True), name="answer_unread"
            ),
        ]

    def __str__(self):
        return f"{self.criterion}: {self.get_state_display()}"
