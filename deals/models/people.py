"""The other side: companies and the people who work there."""

from django.db import models
from django.db.models.functions import Length, Lower
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def indexed_where_set(prefix, *names):
    """An index for each of these references that most rows leave empty; empty ones cost a write nothing."""
    return [
        models.Index(
            fields=[name], condition=models.Q(**{f"{name}__isnull": False}), name=f"{prefix}_{name}_set"
        )
        for name in names
    ]


def no_longer_than(name, limit, constraint):
    """A CHECK on a text's length: SQLite stores what PostgreSQL refuses."""
    return models.CheckConstraint(condition=LessThanOrEqual(Length(name), limit), name=constraint)


class Company(models.Model):
    """A company that may buy. Never deleted; merged ones leave a tombstone that points to the one kept."""

    name = models.CharField(_("name"), max_length=160)
    domain = models.CharField(_("web domain"), max_length=160, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        indexes = [models.Index(Lower("name"), name="company_name_lower")]  # for matching on import
        constraints = [no_longer_than("name", 160, "company_name_length")]

    def __str__(self):
        return self.name


class Contact(models.Model):
    """A person at one company."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="contacts", verbose_name=_("company"))
    name = models.CharField(_("name"), max_length=120)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, blank=True)
    # When the address became another one; empty where it is the one they were noted with.
    email_since = models.DateTimeField(null=True, editable=False)
    phone = models.CharField(_("phone"), max_length=60, blank=True)
    left_at = models.DateField(_("left the company"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [models.Index(Lower("email"), name="contact_email_lower")]  # for matching on import
        constraints = [no_longer_than("name", 120, "contact_name_length")]

    def __str__(self):
        return self.name

    def save(self, *args, update_fields=None, **kwargs):
        """Note when the address changes: mail that goes to a new one is looked at twice."""
        known = getattr(self, "_known_email", None)
        written = update_fields is None or "email" in update_fields
        if written and known is not None and known.lower() != self.email.lower():
            self.email_since = timezone.now()
            update_fields = update_fields if update_fields is None else {*update_fields, "email_since"}
        super().save(*args, update_fields=update_fields, **kwargs)
        if written:
            self._known_email = self.email

    @classmethod
    def from_db(cls, db, field_names, values):
        contact = super().from_db(db, field_names, values)
        contact._known_email = contact.email if "email" in field_names else None
        return contact

    @property
    def address_since(self):
        return self.email_since or self.created_at
