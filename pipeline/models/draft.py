"""The draft: rows admins edit. Gates, clocks and pages read the published definitions instead."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from .fields import CriterionFields, RuleFields, StageFields


class PipelineQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True, version__isnull=False)


class Pipeline(models.Model):
    """One sales process. Deals of a segment (amount range, deal type) are proposed this pipeline."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    use_when = models.CharField(_("use when"), max_length=300, blank=True)
    buyer_profile = models.TextField(_("buyer profile"), blank=True)
    process_owner = models.ForeignKey(
        "team.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("process owner"),
        help_text=_("The one person who answers for this process."),
    )
    buying_journey = models.TextField(
        _("buying journey"),
        blank=True,
        help_text=_("The buyer's own steps, one per line, in order; each stage says which it serves."),
    )
    review_every_days = models.PositiveSmallIntegerField(_("review every, days"), default=91)
    reviewed_on = models.DateField(_("last reviewed"), null=True, blank=True)
    amount_min = models.DecimalField(
        _("deals from amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    amount_max = models.DecimalField(
        _("deals up to amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    deal_types = models.TextField(
        _("deal types"), blank=True, help_text=_("One per line; empty means every type.")
    )
    lost_reasons = models.TextField(_("reasons for lost"), blank=True, help_text=_("One per line."))
    disqualified_reasons = models.TextField(
        _("reasons for disqualified"), blank=True, help_text=_("One per line.")
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    is_active = models.BooleanField(_("in use"), default=True)
    # Written by publish() alone; the guard's T1 reads the entry stage.
    version = models.ForeignKey(
        "pipeline.ProcessVersion", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    entry_stage = models.ForeignKey(
        "pipeline.Stage", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = PipelineQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("pipeline")
        verbose_name_plural = _("pipelines")

    def __str__(self):
        return self.name

    def clean(self):
        if self.amount_min is not None and self.amount_max is not None and self.amount_min > self.amount_max:
            raise ValidationError({"amount_max": _("This must not be below the lower end of the range.")})


class StageQuerySet(models.QuerySet):
    def current(self):
        """Stages still in use, in order."""
        return self.filter(retired_at__isnull=True).order_by("position")

    def in_force(self):
        """Stages of the processes in force, in the order they have there."""
        known = self.filter(definitions__valid_until__isnull=True, definitions__isnull=False)
        return known.order_by("pipeline__position", "pipeline", "published_position")


class Stage(StageFields):
    """A step of the buyer's. Never deleted once deals or ledger rows point to it: retired instead."""

    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="stages", verbose_name=_("pipeline"))
    slug = models.SlugField(_("slug"), max_length=60)
    # Empty for retired stages, so that their place is free.
    position = models.PositiveSmallIntegerField(_("position"), null=True, blank=True)
    # As published: what everybody but the administration shows. Written by publish() alone.
    published_name = models.CharField(max_length=60, blank=True, editable=False)
    published_position = models.PositiveSmallIntegerField(null=True, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)
    retired_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = StageQuerySet.as_manager()

    class Meta:
        ordering = ["pipeline", "position", "id"]
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [
            models.UniqueConstraint(
                fields=["pipeline", "position"],
                name="stage_position_once",
                violation_error_message=_("Another stage of this pipeline stands at this position."),
            ),
            models.UniqueConstraint(fields=["pipeline", "slug"], name="stage_slug_once"),
        ]

    def __str__(self):
        """The name deals know it by; a draft's new name is nobody's business yet."""
        return self.published_name or self.name


class Criterion(CriterionFields):
    """One thing a gate asks. Answers hang on this row; what it asks is read from its definition."""

    stage = models.ForeignKey(Stage, models.PROTECT, related_name="criteria", verbose_name=_("stage"))
    slug = models.SlugField(_("slug"), max_length=60)
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ["stage", "position", "id"]
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = [models.UniqueConstraint(fields=["stage", "slug"], name="criterion_slug_once")]

    def __str__(self):
        return self.label


class Rule(RuleFields):
    """A timer: what happens when the buyer is silent. For the pipeline, or for one of its stages."""

    pipeline = models.ForeignKey(Pipeline, models.CASCADE, related_name="rules", verbose_name=_("pipeline"))
    stage = models.ForeignKey(
        Stage, models.CASCADE, null=True, blank=True, related_name="rules", verbose_name=_("stage")
    )
    key = models.SlugField(_("key"), max_length=40)

    class Meta:
        ordering = ["pipeline", "days", "id"]
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        constraints = [
            models.UniqueConstraint(fields=["pipeline", "stage", "key"], name="rule_key_once"),
            models.UniqueConstraint(
                fields=["pipeline", "key"],
                condition=models.Q(stage__isnull=True),
                name="rule_key_once_on_pipeline",
            ),
        ]

    def __str__(self):
        return self.key
