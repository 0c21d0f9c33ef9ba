"""Things to do, batches that came in, and the rates money is compared at."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .deal import Deal


class CancelledWhy(models.TextChoices):
    REPLY = "reply", _("Cancelled by reply")
    MOVED = "moved", _("Cancelled: the deal moved on")
    CLOSED = "closed", _("Cancelled: the deal is closed")
    UNDONE = "undone", _("Undone")


class TaskQuerySet(models.QuerySet):
    def unfinished(self):
        return self.filter(done_at__isnull=True, cancelled_at__isnull=True)


class Task(models.Model):
    """Something one person is to do about a deal."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="tasks")
    assignee = models.ForeignKey("team.User", models.PROTECT, related_name="tasks")
    title = models.CharField(_("what"), max_length=200)
    purpose = models.CharField(_("why"), max_length=300, blank=True)
    due_on = models.DateField(_("due"))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=300, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_why = models.CharField(max_length=12, choices=CancelledWhy, blank=True)
    # Out of sight until that day; what was due stays due.
    snoozed_until = models.DateField(null=True, blank=True)
    # The firing that made it, and its rule's key.
    firing = models.OneToOneField(
        "deals.Firing", models.PROTECT, null=True, editable=False, related_name="task"
    )
    rule_key = models.CharField(max_length=40, blank=True, editable=False)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "rule_key"],
                condition=models.Q(done_at__isnull=True, cancelled_at__isnull=True) & ~models.Q(rule_key=""),
                name="task_of_rule_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["assignee", "due_on"],
                condition=models.Q(done_at__isnull=True, cancelled_at__isnull=True),
                name="task_open",
            ),
            # For figures by period: what rules gave to do.
            models.Index(fields=["due_on"], condition=~models.Q(rule_key=""), name="task_of_rule_due"),
        ]

    def __str__(self):
        return self.title

    @property
    def is_to_do(self):
        return not (self.done_at or self.cancelled_at)


class ImportBatch(models.Model):
    """One file that came in. Its rows are remembered by their digest, so that the same row adds nothing twice."""

    name = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    landed = models.CharField(max_length=10, default="claimed")
    report = models.JSONField(default=dict)

    def __str__(self):
        return self.name


class ImportedRow(models.Model):
    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="rows")
    digest = models.CharField(max_length=64, unique=True)
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="+")


class ExchangeRate(models.Model):
    """Units of the organisation's currency for one unit of `currency`, from a day on."""

    currency = models.CharField(_("currency"), max_length=3)
    day = models.DateField(_("from"))
    rate = models.DecimalField(_("rate"), max_digits=18, decimal_places=8)

    class Meta:
        ordering = ["currency", "-day"]
        constraints = [models.UniqueConstraint(fields=["currency", "day"], name="rate_once_a_day")]
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")

    def __str__(self):
        return f"{self.currency} {self.rate}"
