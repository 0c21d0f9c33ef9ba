"""The other side: companies and the people who work there."""

from django.db import models
from django.db.models.functions import Length, Lower
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _


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
