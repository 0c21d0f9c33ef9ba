"""Columns that a draft and its published definition share, so that publishing copies them and nothing else."""

from django.core.validators import MaxValueValidator, MinLengthValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..vocabulary import Evidence, Kind, RuleAction, RuleTrigger, Side


def lines(text):
    """The non-empty lines of a text field that holds one item per line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def words(text):
    """The items of a comma-separated column."""
    return [word.strip() for word in text.split(",") if word.strip()]


class StageFields(models.Model):
    name = models.CharField(_("name"), max_length=60)
    objective = models.CharField(
        _("objective"),
        max_length=200,
        blank=True,
        help_text=_("One sentence: what this stage is for."),
    )
    buyer_action = models.CharField(
        _("buyer action"),
        max_length=200,
        validators=[MinLengthValidator(8)],
        help_text=_(
            "What the buyer has already done on the day a deal enters. Past tense, their act, not ours."
        ),
    )
    owner_role = models.ForeignKey(
        "team.Role",
        models.PROTECT,
        related_name="+",
        verbose_name=_("owner role"),
        help_text=_("Who owns the next action while a deal is in this stage."),
    )
    probability = models.PositiveSmallIntegerField(
        _("probability, %"), default=10, validators=[MaxValueValidator(100)]
    )
    target_days = models.PositiveSmallIntegerField(
        _("target days"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(999)],
        help_text=_("How long a healthy deal stays here."),
    )
    qualifies = models.BooleanField(
        _("first stage of a qualified deal"),
        default=False,
        help_text=_("Win rates count deals that reached this stage."),
    )
    counts_as_pipeline = models.BooleanField(
        _("counts as pipeline"),
        default=True,
        help_text=_("Off for prospecting: shown on the board, left out of the pipeline's value."),
    )
    journey_step = models.CharField(
        _("step of the buying journey"),
        max_length=120,
        blank=True,
        help_text=_("Which of the buyer's own steps this stage serves."),
    )
    we_do = models.TextField(_("what we do"), blank=True, help_text=_("One per line."))
    buyer_needs = models.TextField(_("what the buyer needs"), blank=True, help_text=_("One per line."))
    questions = models.TextField(_("questions to ask"), blank=True, help_text=_("One per line."))
    tools = models.TextField(_("tools"), blank=True, help_text=_("One per line."))

    class Meta:
        abstract = True

    we_do_lines = property(lambda self: lines(self.we_do))
    buyer_needs_lines = property(lambda self: lines(self.buyer_needs))
    questions_lines = property(lambda self: lines(self.questions))
    tools_lines = property(lambda self: lines(self.tools))


class CriterionFields(models.Model):
    side = models.CharField(_("side"), max_length=5, choices=Side, default=Side.EXIT)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.YES_NO)
    label = models.CharField(
        _("label: one fact, the buyer's act"),
        max_length=200,
        help_text=_("A fact two people would answer alike without talking to the rep."),
    )
    why = models.CharField(
        _("why it is asked"), max_length=300, blank=True, help_text=_("One sentence, shown under the label.")
    )
    good = models.CharField(
        _("example of good evidence"),
        max_length=300,
        blank=True,
        help_text=_("What a good answer looks like."),
    )
    verification = models.CharField(
        _("how it is verified"), max_length=200, blank=True, help_text=_("Empty: by its evidence level.")
    )
    needs_buyer = models.BooleanField(
        _("buyer"),
        default=True,
        help_text=_("Open until a named buyer contact confirmed it in a conversation on record."),
    )
    evidence = models.CharField(
        _("evidence"),
        max_length=5,
        choices=Evidence,
        default=Evidence.WHO,
        help_text=_("The least that opens it; more is always allowed."),
    )
    expires_after_days = models.PositiveSmallIntegerField(
        _("expires, days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty means never. Only money, dates and the signer spoil."),
    )
    applies_when = models.CharField(
        _("applies when"),
        max_length=200,
        blank=True,
        help_text=_("Empty means always. For example: amount >= 25000."),
    )
    core = models.BooleanField(
        _("core"),
        default=False,
        help_text=_("Asked of imported deals too, even for stages they never passed here."),
    )
    minimum = models.DecimalField(_("at least"), max_digits=16, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(_("at most"), max_digits=16, decimal_places=2, null=True, blank=True)
    min_length = models.PositiveSmallIntegerField(_("shortest text"), null=True, blank=True)
    min_items = models.PositiveSmallIntegerField(
        _("items at least"), null=True, blank=True, help_text=_("Separate items by a comma or a new line.")
    )
    choices = models.TextField(_("choices"), blank=True, help_text=_("One per line."))
    allow_range = models.BooleanField(_("a range is fine"), default=False)
    future = models.BooleanField(_("date to come"), default=False)
    with_date = models.BooleanField(_("asks for the document's date"), default=False)
    roles = models.CharField(
        _("roles"),
        max_length=200,
        blank=True,
        help_text=_("For people: economic_buyer, champion, ... by comma."),
    )
    min_people = models.PositiveSmallIntegerField(_("people at least"), null=True, blank=True)
    must_include = models.CharField(_("must include role"), max_length=40, blank=True)
    requires_priority = models.BooleanField(_("their priority is asked"), default=False)
    activity_kinds = models.CharField(
        _("activities"),
        max_length=200,
        blank=True,
        help_text=_("For activities: meeting, demo, ... by comma."),
    )
    deal_fields = models.CharField(
        _("deal fields"),
        max_length=200,
        blank=True,
        help_text=_("For deal fields: amount, goals, ... by comma."),
    )
    holds_clock = models.BooleanField(
        _("its date holds the silence clock"),
        default=False,
        help_text=_("Silence counts from the buyer's own date."),
    )

    class Meta:
        abstract = True

    choice_list = property(lambda self: lines(self.choices))
    role_list = property(lambda self: words(self.roles))
    activity_list = property(lambda self: words(self.activity_kinds))
    deal_field_list = property(lambda self: words(self.deal_fields))


class RuleFields(models.Model):
    trigger = models.CharField(_("when"), max_length=20, choices=RuleTrigger)
    # 0 only for what happens as soon as a stage is entered.
    days = models.PositiveSmallIntegerField(_("days"), validators=[MaxValueValidator(999)])
    business_days = models.BooleanField(_("business days"), default=False)
    action = models.CharField(_("then"), max_length=20, choices=RuleAction)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    window_days = models.PositiveSmallIntegerField(_("window, days"), default=0)
    role = models.CharField(
        _("for role"), max_length=80, blank=True, help_text=_("Empty: the owner of the next action.")
    )
    asks_above = models.DecimalField(
        _("asks a manager from"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    person = models.ForeignKey(
        "team.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("for one person"),
        help_text=_("Goes before the role. Empty: by role."),
    )
    title = models.CharField(
        _("what to do"), max_length=200, blank=True, help_text=_("The task's or the notice's words.")
    )
    purpose = models.CharField(_("what for"), max_length=300, blank=True)
    due_days = models.PositiveSmallIntegerField(
        _("due in, business days"), default=0, validators=[MaxValueValidator(90)]
    )
    subject = models.CharField(_("subject of the mail"), max_length=200, blank=True)
    body = models.TextField(_("text of the mail"), blank=True, max_length=5000)
    endpoint = models.ForeignKey(
        "outbox.Endpoint",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("webhook"),
    )
    is_on = models.BooleanField(_("on"), default=True)
    is_shadow = models.BooleanField(
        _("shadow"),
        default=False,
        help_text=_("Only notes what it would have done."),
    )

    class Meta:
        abstract = True


def shared_names(abstract):
    """Column names of an abstract class above: what publishing copies and compares."""
    return [field.attname for field in abstract._meta.get_fields()]
