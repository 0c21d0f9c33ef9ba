"""Who works here: users, teams, roles and the organisation they belong to."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from . import waiting
from .memory import forget, recalled, remembered  # noqa: F401  (asked for here by others)
from .prepared import Prepared

# What a calendar is made of, of the organisation and of a team.
CALENDAR_COLUMNS = ("time_zone", "working_days", "holiday_country", "holiday_region", "closing_days")


class TeamQuerySet(models.QuerySet):
    def with_own_calendar(self):
        return self.exclude(**dict.fromkeys(CALENDAR_COLUMNS, ""))


class Team(models.Model):
    """People who share a pipeline view. Deals belong to a team; teammates see them."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    # A team in another country keeps its own calendar; what is empty is the organisation's.
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    working_days = models.CharField(
        _("working days"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^[1-7]{1,7}$", _("Digits 1 (Monday) to 7 (Sunday)."))],
        help_text=_("Digits: 1 is Monday, 7 is Sunday. Empty: as the organisation."),
    )
    holiday_country = models.CharField(
        _("holiday country"),
        max_length=2,
        blank=True,
        help_text=_("Two letters, such as DE. Empty: as the organisation."),
    )
    holiday_region = models.CharField(_("holiday region"), max_length=10, blank=True)
    closing_days = models.TextField(
        _("closing days"),
        blank=True,
        help_text=_("Besides the organisation's. One per line: a date and a name, 2026-12-24 Christmas Eve."),
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        forget()


class Role(models.Model):
    """A part somebody plays in a sale, such as account executive or legal. Stages name their owner by role."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self):
        return self.name


class Level(models.TextChoices):
    REP = "rep", _("Rep")
    MANAGER = "manager", _("Manager")
    ADMIN = "admin", _("Admin")


class UserManager(BaseUserManager):
    def create_user(self, email, password=None, **fields):
        """Create a person who logs in by e-mail; without a password they cannot log in until they set one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email, password=None, **fields):
        fields.setdefault("name", email.split("@")[0])
        return self.create_user(email, password, level=Level.ADMIN, **fields)

    def active(self):
        return self.filter(is_active=True)


class User(AbstractBaseUser):
    """One person. The level says what they may do, the roles what they do, the teams whose deals they see."""

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=120)
    level = models.CharField(_("level"), max_length=10, choices=Level, default=Level.REP)
    teams = models.ManyToManyField(Team, related_name="members", blank=True, verbose_name=_("teams"))
    roles = models.ManyToManyField(Role, related_name="people", blank=True, verbose_name=_("roles"))
    is_active = models.BooleanField(_("active"), default=True)
    theme = models.CharField(
        _("theme"),
        max_length=6,
        default="system",
        choices=[("system", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    mail_digest = models.CharField(
        _("mail with what is new"),
        max_length=6,
        default="never",
        choices=[("never", _("Never")), ("daily", _("Each working day, if there is something"))],
    )
    # Managers alone are sent one.
    mail_review = models.BooleanField(_("Monday review by mail"), default=True, db_default=True)
    # The last day a mail with what is new was made ready, or there was nothing for it.
    digest_on = models.DateField(null=True, editable=False)
    letter_keys = models.BooleanField(_("single-letter keys"), default=True)
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self):
        return self.name or self.email

    @property
    def is_admin(self):
        return self.is_active and self.level == Level.ADMIN

    @property
    def is_manager(self):
        """Managers and admins: everybody who may act on the deals of a whole team."""
        return self.is_active and self.level in (Level.MANAGER, Level.ADMIN)

    is_staff = is_superuser = is_admin

    def has_perm(self, perm, obj=None):
        return self.is_admin

    def has_module_perms(self, app_label):
        return self.is_admin

    def has_perms(self, perms, obj=None):
        return self.is_admin

    @property
    def team_ids(self):
        """Ids of the user's teams, read once per request (the user object lives that long)."""
        if "_team_ids" not in self.__dict__:
            self._team_ids = sorted(self.teams.values_list("pk", flat=True))
        return self._team_ids

    def remember_teams(self, ids):
        """What the statement that read the user knew of their teams already."""
        self._team_ids = sorted(ids)

    @property
    def unread_notices(self):
        """The number on the bell; the person of a session was read together with it (team/backends.py)."""
        if "_unread" not in self.__dict__:
            self._unread = self.notices.filter(read_at__isnull=True).count()
        return self._unread

    @property
    def waiting_for_word(self):
        """How many things wait for this person's word; read together with the person of a session, too."""
        if "_waiting" not in self.__dict__:
            counted = User.objects.filter(pk=self.pk).annotate(n=waiting.number())
            self._waiting = counted.values_list("n", flat=True).first() or 0
        return self._waiting

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name.split(" ")[0]


class TeamDefault(models.Model):
    """Who takes the next action for a role in a team when the deal names nobody for it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="defaults")
    role = models.ForeignKey(Role, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "role"], name="team_default_once")]
        verbose_name = _("default person for a role")
        verbose_name_plural = _("default people for roles")

    def __str__(self):
        return f"{self.team}: {self.role} is {self.user}"


WEEKDAYS = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]


class Organisation(models.Model):
    """The one row that says who we are: money, time, working week, and what does not count as an answer."""

    name = models.CharField(_("name"), max_length=120, default="Our company")
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, such as EUR."))],
        help_text=_("The currency all totals are shown in."),
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    working_days = models.CharField(
        _("working days"),
        max_length=7,
        default="12345",
        validators=[RegexValidator(r"^[1-7]{1,7}$", _("Digits 1 (Monday) to 7 (Sunday)."))],
        help_text=_("Digits: 1 is Monday, 7 is Sunday."),
    )
    holiday_country = models.CharField(
        _("holiday country"),
        max_length=2,
        blank=True,
        help_text=_("Two letters, such as DE; empty for none."),
    )
    holiday_region = models.CharField(_("holiday region"), max_length=10, blank=True)
    closing_days = models.TextField(
        _("closing days"),
        blank=True,
        help_text=_("One per line: a date and a name, such as 2026-12-24 Christmas Eve."),
    )
    own_domains = models.TextField(
        _("own mail domains"),
        blank=True,
        help_text=_("One per line. Nobody with such an address counts as a buyer."),
    )
    placeholders = models.TextField(
        _("placeholder words"),
        blank=True,
        help_text=_(
            "One per line, beside the built-in ones such as n/a and tbd. They do not count as an answer."
        ),
    )
    exception_days = models.PositiveSmallIntegerField(
        _("days an exception lasts"),
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text=_("After that the deal does not move on before what was waived is answered."),
    )
    exceptions_per_rep = models.PositiveSmallIntegerField(
        _("exceptions a person may have open"),
        default=2,
        validators=[MinValueValidator(0), MaxValueValidator(20)],
    )
    grace_days = models.PositiveSmallIntegerField(
        _("grace for a past next step"),
        default=2,
        validators=[MinValueValidator(0), MaxValueValidator(10)],
        help_text=_("Business days a past next step still counts."),
    )
    pause_days = models.PositiveSmallIntegerField(
        _("longest pause, days"),
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("A deal that nurtures until a date may wait for a year."),
    )
    archive_share = models.PositiveSmallIntegerField(
        _("most of a pipeline archived at once, %"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("If the rules would archive more in one go, a manager is asked first."),
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_organisation")]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)
        forget()

    @classmethod
    def current(cls):
        """The organisation, made with defaults on first use."""
        return recalled("row", cls._read)

    @classmethod
    def _read(cls):
        return _organisation.first() or cls.objects.get_or_create(pk=1)[0]

    # Whether some team has a calendar of its own; told by the statement that reads the row.
    teams_differ = True

    def own_domain_set(self):
        return {line.strip().lower().lstrip("@") for line in self.own_domains.splitlines() if line.strip()}


_teams_differ = models.Exists(Team.objects.with_own_calendar())
_organisation = Prepared(lambda: Organisation.objects.filter(pk=1).annotate(teams_differ=_teams_differ))

from .notices import Notice  # noqa: E402, F401  (a model of this app, in a room of its own)
