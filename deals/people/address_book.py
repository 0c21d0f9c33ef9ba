"""Companies and contacts: the address book everybody here shares. Their deals are shown by who may see them."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from ..input import normalise
from ..models import Company, Contact
from . import people_changed


def companies(query=""):
    """Companies in use, by name; narrowed by a part of name or domain."""
    found = Company.objects.filter(merged_into__isnull=True)
    if query:
        found = found.filter(Q(name__icontains=query) | Q(domain__icontains=query))
    return found.annotate(people=Count("contacts", distinct=True)).order_by("name", "pk")


class NamedForm(forms.ModelForm):
    """A form whose name must be one."""

    def clean_name(self):
        text = normalise.clean(self.cleaned_data["name"])
        if flaw := normalise.flaw(text):
            raise ValidationError(flaw)
        return text

    def save_changes(self):
        """Save what was changed and nothing else."""
        if self.changed_data:
            self.instance.save(update_fields=self.changed_data)
        return self.instance


class CompanyForm(NamedForm):
    class Meta:
        model = Company
        fields = ["name", "domain", "industry", "country", "employees", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}

    def clean_employees(self):
        count = self.cleaned_data["employees"]
        if count is not None and count > 10_000_000:
            raise ValidationError(_("No company has that many."))
        return count


class ContactForm(NamedForm):
    class Meta:
        model = Contact
        fields = ["name", "job_title", "email", "phone", "left_at"]
        widgets = {"left_at": forms.DateInput(attrs={"type": "date"})}

    def save_changes(self):
        """Deals that rest on this person are judged anew with it."""
        if self.changed_data:
            people_changed.save(self.instance, self.changed_data)
        return self.instance
