"""The deal: where it stands, who acts next, and how much of it the buyer confirmed."""

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..fields import StageField, StatusField, unlocked
from .machine import MoveMachine, Status
from .people import Company, Contact, indexed_where_set, no_longer_than
from .querysets import DealQuerySet

LIVE = [Status.OPEN, Status.RE_ENGAGING, Status.PAUSED]
AMOUNT_LIMIT = 999_999_999_999


class LossReason(models.Model):
    """Why a deal ended without a win. Disqualified is told apart from lost."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    disqualifies = models.BooleanField(_("disqualified"), default=False)
    by_rule = models.BooleanField(_("set when a rule archives"), default=False)
    is_active = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=1)

    class Meta:
        ordering = ["disqualifies", "position", "name"]
        verbose_name = _("loss reason")
        verbose_name_plural = _("loss reasons")

    def __str__(self):
        return self.name


class Deal(MoveMachine, models.Model):
    """One possible sale. Stage, status, seq and pipeline change by ledger rows alone (the guard sees to it)."""

    name = models.CharField(_("name"), max_length=160)
    company = models.ForeignKey(Company, models.PROTECT, related_name="deals", verbose_name=_("company"))
    # No index: there are few pipelines, and each write to a deal would have to keep it.
    pipeline = models.ForeignKey(
        "pipeline.Pipeline", models.PROTECT, related_name="+", verbose_name=_("pipeline"), db_index=False
    )
    stage = StageField(
        "pipeline.Stage", models.PROTECT, related_name="+", protected=True, verbose_name=_("stage")
    )
    status = StatusField(_("status"), max_length=12, choices=Status, default=Status.OPEN, protected=True)
    # Number of ledger rows; 0 means the row is half made, invisible and cannot move.
    seq = models.PositiveIntegerField(default=0, editable=False)
    # Up to which row its way through the stages is kept for the figures (insights/flow); another number: not yet.
    flow_seq = models.PositiveIntegerField(default=0, editable=False)
    # Rises with every edit or answer; inline edits compare it.
    rev = models.PositiveIntegerField(default=1, editable=False)
    token = models.UUIDField(default=uuid.uuid4, editable=False, unique=True)

    owner = models.ForeignKey(
        "team.User", models.PROTECT, related_name="owned_deals", verbose_name=_("owner")
    )
    next_owner = models.ForeignKey(
        "team.User", models.PROTECT, related_name="next_deals", verbose_name=_("owner of the next action")
    )
    team = models.ForeignKey("team.Team", models.PROTECT, related_name="deals", verbose_name=_("team"))
    next_step = models.CharField(_("next step"), max_length=200, blank=True)
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)

    amount = models.DecimalField(
        _("amount"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(AMOUNT_LIMIT)],
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    # In the organisation's currency at the rate of the day the amount was set; 0 where there is no amount.
    amount_base = models.DecimalField(max_digits=14, decimal_places=2, default=0, editable=False)
    discount_percent = models.DecimalField(
        _("discount, %"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    deal_type = models.CharField(_("type"), max_length=60, blank=True)
    lead_source = models.CharField(_("lead source"), max_length=80, blank=True)
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    probability_override = models.PositiveSmallIntegerField(
        _("own probability, %"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    goals = models.TextField(_("customer's goals"), blank=True)
    commitments = models.TextField(_("promises we made"), blank=True)

    # Stored so that nothing has to be recounted to be shown; written by counts.py in the same transaction.
    open_before = models.PositiveSmallIntegerField(default=0, editable=False)
    held_here = models.PositiveSmallIntegerField(default=0, editable=False)
    claimed_here = models.PositiveSmallIntegerField(default=0, editable=False)
    total_here = models.PositiveSmallIntegerField(default=0, editable=False)
    holds_until = models.DateField(null=True, editable=False)
    # The last day on which nothing of this lapses by itself; the tick recounts the day after.
    stands_until = models.DateField(null=True, editable=False)
    counts_as_pipeline = models.BooleanField(default=True, editable=False)
    probability = models.PositiveSmallIntegerField(_("probability, %"), default=0, editable=False)
    exception_until = models.DateField(null=True, editable=False)

    stage_entered_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), editable=False)
    # When it came in here, where that was later than it began elsewhere. Silence counts from then.
    known_since = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    loss_reason = models.ForeignKey(
        LossReason, models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    last_buyer_activity_at = models.DateTimeField(null=True, editable=False)
    # Since when an answer is expected; lies ahead where the buyer named a date to come back.
    awaiting_since = models.DateTimeField(null=True, editable=False)
    # The next thing that happens if nobody acts (due.py), written with whatever it follows from.
    next_due_at = models.DateTimeField(null=True, editable=False)
    # No index: a published rule is never deleted.
    next_due_rule = models.ForeignKey(
        "pipeline.RuleDefinition", models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    # A pause ends on a day; the days it lasted are not counted as silence: those since the buyer's last act, and of
    # these the ones since `awaiting_since`.
    paused_on = models.DateField(null=True, editable=False)
    paused_until = models.DateField(null=True, editable=False)
    held_days = models.PositiveSmallIntegerField(default=0, editable=False)
    awaiting_held_days = models.PositiveSmallIntegerField(default=0, editable=False)
    # Until when a pause that has ended was to last: what the undo of its end goes back to.
    was_paused_until = models.DateField(null=True, editable=False)
    import_batch = models.ForeignKey(
        "deals.ImportBatch", models.PROTECT, null=True, editable=False, related_name="deals", db_index=False
    )
    # Where an import put it: of the stages before, its gates ask the core criteria alone.
    landed_in = models.ForeignKey(
        "pipeline.Stage", models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    external_id = models.CharField(_("id in the other system"), max_length=80, blank=True, editable=False)

    objects = DealQuerySet.as_manager()

    # The status in which the buyer was heard in this transaction, until settled.
    heard_as = ""

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        indexes = [
            # For the board's columns: cards by next step, none first.
            models.Index(
                fields=["stage", "next_step_on", "id"],
                condition=models.Q(status__in=LIVE),
                name="deal_board_all",
            ),
            models.Index(
                fields=["team", "stage", "next_step_on", "id"],
                condition=models.Q(status__in=LIVE),
                name="deal_board_team",
            ),
            models.Index(
                fields=["owner", "stage", "next_step_on", "id"],
                condition=models.Q(status__in=LIVE),
                name="deal_board_owner",
            ),
            # For the tick that recounts lapsed deals.
            models.Index(
                fields=["stands_until"],
                condition=models.Q(status__in=LIVE, stands_until__isnull=False),
                name="deal_lapsing",
            ),
            # For the sweep: what is due, soonest first.
            models.Index(
                fields=["next_due_at", "id"],
                condition=models.Q(next_due_at__isnull=False),
                name="deal_due",
            ),
            # For the tick that ends pauses.
            models.Index(
                fields=["paused_until"],
                condition=models.Q(paused_until__isnull=False),
                name="deal_paused",
            ),
            # For the figures' tick: whose newest rows are not kept yet. Deals come in and go out by their moves alone.
            models.Index(
                fields=["seq", "id"], condition=~models.Q(seq=models.F("flow_seq")), name="deal_flow_due"
            ),
            # For the board's re-engage column, which takes deals of every stage.
            models.Index(
                fields=["pipeline", "next_step_on", "id"],
                condition=models.Q(status=Status.RE_ENGAGING),
                name="deal_board_silent",
            ),
            *indexed_where_set("deal", "loss_reason", "import_batch", "landed_in"),
            # For metrics by the day a deal closed.
            models.Index(
                fields=["closed_at"], condition=models.Q(closed_at__isnull=False), name="deal_closed"
            ),
            # Whose a deal is, where it stands and what it is worth, for figures of what happened on many deals: read
            # without their rows (PostgreSQL). None of it is written by judging (decision 0024).
            models.Index(
                fields=["id"],
                include=["owner", "team", "stage", "stage_entered_at", "seq", "flow_seq", "amount_base"],
                name="deal_figures",
            ),
            # For the deals list, newest first.
            models.Index(fields=["-created_at", "-id"], name="deal_newest"),
        ]
        constraints = [
            no_longer_than("name", 160, "deal_name_length"),
            no_longer_than("next_step", 200, "deal_next_step_length"),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gte=0, amount__lte=AMOUNT_LIMIT),
                name="deal_amount_range",
            ),
            models.UniqueConstraint(
                fields=["external_id"], condition=~models.Q(external_id=""), name="deal_external_id_once"
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, update_fields=None, **kwargs):
        """A new deal is made by moves.create; a change names its columns, so that it undoes nobody else's."""
        if not self._state.adding and update_fields is None:
            raise TypeError("Deal.save() needs update_fields")
        super().save(*args, update_fields=update_fields, **kwargs)

    def refresh_from_db(self, *args, **kwargs):
        with unlocked(self):
            super().refresh_from_db(*args, **kwargs)

    @property
    def is_live(self):
        return self.status in LIVE

    def shown_probability(self):
        return self.probability if self.probability_override is None else self.probability_override


class StakeholderStance(models.TextChoices):
    FOR = "for", _("For us")
    NEUTRAL = "neutral", _("Neutral")
    AGAINST = "against", _("Against")
    UNKNOWN = "unknown", _("Not known")


class Stakeholder(models.Model):
    """A contact's part in one deal."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="stakeholders")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="stakes")
    influence = models.PositiveSmallIntegerField(
        _("influence"), default=2, choices=[(1, _("Low")), (2, _("Medium")), (3, _("High"))]
    )
    stance = models.CharField(
        _("stance"), max_length=8, choices=StakeholderStance, default=StakeholderStance.UNKNOWN
    )
    priority = models.CharField(_("what matters to them"), max_length=200, blank=True)
    approval_order = models.PositiveSmallIntegerField(_("order of approval"), null=True, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-influence", "id"]
        constraints = [models.UniqueConstraint(fields=["deal", "contact"], name="stakeholder_once")]
        verbose_name = _("stakeholder")
        verbose_name_plural = _("stakeholders")

    def __str__(self):
        return str(self.contact)


class StakeholderRole(models.Model):
    """One role of a stakeholder; a person may hold several."""

    stakeholder = models.ForeignKey(Stakeholder, models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stakeholder", "role"], name="stakeholder_role_once")]

    def __str__(self):
        return self.role


class Participant(models.Model):
    """Who of us plays a role in this deal, such as its solutions engineer."""

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="participants")
    role = models.ForeignKey("team.Role", models.PROTECT, related_name="+")
    user = models.ForeignKey("team.User", models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "role"], name="participant_role_once")]
