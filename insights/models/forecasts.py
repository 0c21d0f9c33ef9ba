"""Targets, and the forecast as it stood on a day. What was forecast is never changed afterwards."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Target(models.Model):
    """What a team or a person is to win in a month, in the organisation's currency. Neither named: all together."""

    month = models.DateField(_("month"), help_text=_("Its first day."))
    team = models.ForeignKey(
        "team.Team", models.CASCADE, null=True, blank=True, related_name="targets", verbose_name=_("team")
    )
    user = models.ForeignKey(
        "team.User", models.CASCADE, null=True, blank=True, related_name="targets", verbose_name=_("person")
    )
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, validators=[MinValueValidator(0)]
    )

    class Meta:
        ordering = ["-month", "team", "user"]
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team__isnull=True) | models.Q(user__isnull=True), name="target_of_one"
            ),
            models.UniqueConstraint(
                fields=["month"], condition=models.Q(team__isnull=True, user__isnull=True), name="target_once"
            ),
            models.UniqueConstraint(fields=["month", "team"], name="target_of_team_once"),
            models.UniqueConstraint(fields=["month", "user"], name="target_of_person_once"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="target_month_first"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="target_not_negative"),
        ]

    def __str__(self):
        return f"{self.month:%Y-%m} {self.team or self.user or ''}"


class ManagerCall(models.Model):
    """What a manager says a month will bring, beside what the figures say. Never changed; the newest one counts."""

    month = models.DateField()
    team = models.ForeignKey("team.Team", models.PROTECT, null=True, related_name="+")
    amount = models.DecimalField(max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self):
        return f"{self.month:%Y-%m}: {self.amount}"


class ForecastDay(models.Model):
    """One night on which the forecast was written down."""

    day = models.DateField(unique=True)
    taken_at = models.DateTimeField()
    # Written later than its night, from what was known then.
    caught_up = models.BooleanField(default=False)

    class Meta:
        ordering = ["-day"]

    def __str__(self):
        return str(self.day)


class ForecastRow(models.Model):
    """Of one pipeline and owner, what was expected to close in a month, as of a day. Organisation's currency."""

    day = models.ForeignKey(ForecastDay, models.PROTECT, related_name="rows")
    pipeline = models.ForeignKey("pipeline.Pipeline", models.PROTECT, related_name="+")
    owner = models.ForeignKey("team.User", models.PROTECT, related_name="+")
    team = models.ForeignKey("team.Team", models.PROTECT, related_name="+")
    # First day of the month; empty for deals without an expected close.
    month = models.DateField(null=True)
    deals = models.PositiveIntegerField(default=0)
    proven = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    claimed = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    # Each times the probability the deal shows. Both together: every open deal's, as claimed.
    proven_weighted = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    claimed_weighted = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    # Every open deal's money times its chance, by history, to be won in that month, whatever date it names.
    calibrated = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    commit = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    best_case = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    # Won in that month until that day.
    won = models.DecimalField(max_digits=16, decimal_places=2, default=0)

    class Meta:
        ordering = ["day", "month", "pipeline", "owner"]
        constraints = [
            models.UniqueConstraint(
                fields=["day", "pipeline", "owner", "team", "month"], name="forecast_row_once"
            ),
            models.UniqueConstraint(
                fields=["day", "pipeline", "owner", "team"],
                condition=models.Q(month__isnull=True),
                name="forecast_dateless_once",
            ),
        ]

    def __str__(self):
        return f"{self.day_id} {self.month}"


class StageRecord(models.Model):
    """What became, by that night, of the deals that had reached a stage and ended: how many, how many of them were won,
    how many days the won ones took from there, and how long they all stayed in it."""

    day = models.ForeignKey(ForecastDay, models.PROTECT, related_name="records")
    stage = models.ForeignKey("pipeline.Stage", models.PROTECT, related_name="+")
    # What was assumed then, per cent.
    probability = models.PositiveSmallIntegerField()
    ended = models.PositiveIntegerField(default=0)
    won = models.PositiveIntegerField(default=0)
    # {days: how many of the won}
    waits = models.JSONField(default=dict)
    # {days from which on a bracket begins: [how many stayed so long, {days: how many of the won among them}]}
    stays = models.JSONField(default=dict)

    class Meta:
        ordering = ["day", "stage"]
        constraints = [models.UniqueConstraint(fields=["day", "stage"], name="stage_record_once")]

    def __str__(self):
        return f"{self.day_id} {self.stage_id}"
