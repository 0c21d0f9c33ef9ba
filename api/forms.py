"""The form for a new token."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deals.input import normalise
from deals.intake import TypedDay
from team.calendar import local_date

from .models import Scope


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=80, help_text=_("Such as: nightly report."))
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ.value],
        error_messages={"required": _("Choose at least one.")},
    )
    expires_on = TypedDay(
        label=_("Works until"),
        max_length=40,
        required=False,
        help_text=_("Its last day; empty: until revoked."),
    )

    def clean_name(self):
        text = normalise.clean(self.cleaned_data["name"])
        if flaw := normalise.flaw(text):
            raise ValidationError(flaw)
        return text

    def clean_expires_on(self):
        day = self.cleaned_data["expires_on"]
        if day and day < local_date(timezone.now()):
            raise ValidationError(_("This day has passed."))
        return day
