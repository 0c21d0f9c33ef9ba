"""What is learnt from deals: rivals, how their figures moved, what was said about a loss, and a manager's advice."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .deal import Deal


class Competitor(models.Model):
    """Who else sells to our buyers."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("competitor")
        verbose_name_plural = _("competitors")

    def __str__(self):
        return self.name


class Rivalry(models.Model):
    """A competitor in one deal: seen, ahead of us, or the one who won it."""

    class State(models.TextChoices):
        SEEN = "seen", _("Seen")
        WINNING = "winning", _("Ahead of us")
        LOST_TO = "lost_to", _("Lost to")

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="rivalries")
    competitor = models.ForeignKey(Competitor, models.PROTECT, related_name="rivalries")
    state = models.CharField(_("how it stands"), max_length=8, choices=State, default=State.SEEN)
    note = models.CharField(_("note"), max_length=500, blank=True)
    # Where the deal stood when it was noted last.
    stage = models.ForeignKey("pipeline.Stage", models.PROTECT, related_name="+")
    by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["deal", "competitor"]
        verbose_name = _("competitor in a deal")
        verbose_name_plural = _("competitors in deals")
        constraints = [models.UniqueConstraint(fields=["deal", "competitor"], name="rivalry_once")]

    def __str__(self):
        return f"{self.competitor}: {self.get_state_display()}"


class LossReview(models.Model):
    """What was learnt from a deal that was not won."""

    deal = models.OneToOneField(Deal, models.PROTECT, related_name="loss_review")
    should_have_won = models.BooleanField(_("should have been won"), default=False)
    happened = models.TextField(_("what happened"), blank=True)
    change = models.TextField(_("what we do otherwise next time"), blank=True)
    by = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.deal_id}"


class CoachingNote(models.Model):
    """A manager's advice on a deal, on one of its criteria or on the stage it is in."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="coaching")
    criterion = models.ForeignKey("pipeline.Criterion", models.PROTECT, null=True, related_name="+")
    text = models.TextField(_("advice"))
    by = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # When the rep said that it is taken up.
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self):
        return self.text[:60]


class FieldChange(models.Model):
    """An amount or an expected close that was changed. As text: money as number and currency, dates as ISO."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="field_changes")
    field = models.CharField(
        max_length=20, choices=[("amount", _("Amount")), ("expected_close", _("Expected close"))]
    )
    old = models.CharField(max_length=40, blank=True)
    new = models.CharField(max_length=40, blank=True)
    by = models.ForeignKey("team.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], name="field_change_when")]

    def __str__(self):
        return f"{self.deal_id} {self.field}: {self.old} -> {self.new}"
