"""Companies and contacts: the address book everybody here shares. Their deals are shown by who may see them."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from ..input import normalise
from ..locking import lock_address_book
from ..models import Company, Contact
from . import people_changed


def companies(query=""):
    """Companies in use, by name; narrowed by a part of name or domain."""
    found = Company.objects.filter(merged_into__isnull=True)
    if query:
        found = found.filter(Q(name__icontains=query) | Q(domain__icontains=query))
    return found.annotate(people=Count("contacts", distinct=True)).order_by("name", "pk")


class NamedForm(forms.ModelForm):
    """A form whose name must be one, of a row that others change too.

    A page sends along what it showed: what its user left alone is not written, and what somebody else changed in the
    meantime is shown before it is written over.
    """

    conflicts = False
    namesake = ""  # said of a new row that is here already

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.show_hidden_initial = not self.is_bound or self.add_initial_prefix(name) in self.data

    def clean(self):
        cleaned = super().clean()
        for name in list(cleaned):
            now = getattr(self.instance, name)
            if name not in self.changed_data:
                cleaned[name] = now
            elif cleaned[name] != now and self._showed(name) != now:
                self._say(name, now)
        if self.instance.pk is None and "name" in cleaned:
            self._refuse_twice(cleaned)
        return cleaned

    def _refuse_twice(self, cleaned):
        """New ones come in one at a time, so that the same one sent twice at once is one."""
        lock_address_book()
        if found := self.known(cleaned).first():
            self.add_error("name", self.namesake % {"name": found.name})

    def _showed(self, name):
        """What the page showed; what the row says where the sender has not told."""
        field = self.fields[name]
        if not field.show_hidden_initial:
            return getattr(self.instance, name)
        try:
            return field.to_python(self.data[self.add_initial_prefix(name)])
        except ValidationError:
            return None

    def _say(self, name, now):
        """Beside the field; sent once more, what was typed goes on top."""
        self.conflicts = True
        words = _("Somebody changed this meanwhile: it says “%s” now. Save again to put yours on top.")
        self.add_error(name, words % (_("nothing") if now in (None, "") else now))
        self.data = self.data.copy()
        self.data[self.add_initial_prefix(name)] = "" if now is None else str(now)

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

    namesake = _(
        "%(name)s is in the address book already. If this is another company of that name, give the web domain of both."
    )

    def known(self, typed):
        """Companies of this name, but for those that have another web domain."""
        found = Company.objects.filter(name__iexact=typed["name"], merged_into__isnull=True)
        domain = typed.get("domain", "")
        return found.filter(Q(domain="") | Q(domain__iexact=domain)) if domain else found


class ContactForm(NamedForm):
    class Meta:
        model = Contact
        fields = ["name", "job_title", "email", "phone", "left_at"]
        widgets = {"left_at": forms.DateInput(attrs={"type": "date"})}

    namesake = _(
        "%(name)s is in the address book already. If this is somebody else of that name, give the address of both."
    )

    def known(self, typed):
        """People of the company with this address, or with this name but for those with another address."""
        people = Contact.objects.filter(company=self.instance.company_id, merged_into__isnull=True)
        named, email = Q(name__iexact=typed["name"]), typed.get("email", "")
        return people.filter(named & Q(email="") | Q(email__iexact=email)) if email else people.filter(named)

    def save_changes(self):
        """Deals that rest on this person are judged anew with it."""
        if self.changed_data:
            people_changed.save(self.instance, self.changed_data)
        return self.instance
