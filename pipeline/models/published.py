"""The published process: immutable definitions with their time of validity. Only publish() writes them."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from .draft import Criterion, Pipeline, Rule, Stage
from .fields import CriterionFields, RuleFields, StageFields


class ProcessVersion(models.Model):
    """One publication of a pipeline: number, who, when, note, and the whole process as it was."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    published_at = models.DateTimeField(_("published"))
    published_by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("note"), max_length=500, blank=True)
    # The older version whose process this one put back in force.
    restores = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # Ids of criteria it asks less of than the version before.
    weakened = models.JSONField(default=list)
    snapshot = models.JSONField(_("snapshot"), default=dict)
    # Names this version in caches; ids may be given again after a rollback.
    token = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)

    class Meta:
        ordering = ["pipeline", "-number"]
        constraints = [models.UniqueConstraint(fields=["pipeline", "number"], name="version_number_once")]
        verbose_name = _("process version")
        verbose_name_plural = _("process versions")

    def __str__(self):
        return f"{self.pipeline} v{self.number}"


class Definition(models.Model):
    version = models.ForeignKey(ProcessVersion, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class StageDefinition(Definition, StageFields):
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="definitions")
    slug = models.SlugField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stage"],
                condition=models.Q(valid_until__isnull=True),
                name="stage_definition_current",
            )
        ]

    def __str__(self):
        return self.name


class CriterionDefinition(Definition, CriterionFields):
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="definitions")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    slug = models.SlugField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["criterion"],
                condition=models.Q(valid_until__isnull=True),
                name="criterion_definition_current",
            )
        ]

    def __str__(self):
        return self.label


class RuleDefinition(Definition, RuleFields):
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="definitions")
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="+")
    stage = models.ForeignKey(Stage, models.PROTECT, null=True, related_name="+")
    key = models.SlugField(max_length=40)

    def __str__(self):
        return self.key


class ScheduledPublication(models.Model):
    """A draft to be put in force at a set time, as it is then, under the conditions chosen now."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="scheduled")
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    note = models.CharField(_("note"), max_length=500)
    # criterion id -> "now", "entering" or an ISO date: from when a tightened criterion binds live deals.
    binding = models.JSONField(default=dict)
    # Digest of the draft that was looked at; another draft is not published unseen.
    draft_digest = models.CharField(max_length=64)
    # Of the older version that the draft was taken from.
    restores = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()
    version = models.ForeignKey(ProcessVersion, models.PROTECT, null=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True)
    # Why it was not published when its time came.
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]
        verbose_name = _("scheduled publication")
        verbose_name_plural = _("scheduled publications")
        constraints = [
            models.UniqueConstraint(
                fields=["pipeline"],
                condition=models.Q(version__isnull=True, cancelled_at__isnull=True, error=""),
                name="one_publication_scheduled",
            )
        ]

    def __str__(self):
        return f"{self.pipeline}: {self.at}"
