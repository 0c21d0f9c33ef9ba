from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from team import leaving
from team.models import Level, User


class LowerEmail:
    """One person, one address: it is kept in small letters however it was typed."""

    def clean_email(self):
        return self.cleaned_data["email"].lower()


class NewUserForm(LowerEmail, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "level", "teams", "roles")


class UserForm(LowerEmail, UserChangeForm):
    class Meta:
        model = User
        fields = ("email", "name", "level", "teams", "roles", "is_active", "password")

    def clean(self):
        cleaned = super().clean()
        stays = cleaned.get("is_active") and cleaned.get("level") == Level.ADMIN
        others = User.objects.active().filter(level=Level.ADMIN).exclude(pk=self.instance.pk)
        if not stays and "level" in cleaned and not others.exists():
            raise forms.ValidationError(_("Somebody must stay admin: make a second one first."))
        if not cleaned.get("is_active"):
            self._clean_leaving()
        return cleaned

    def _clean_leaving(self):
        """An account closes when nothing waits for its person any more."""
        link = '{} <a href="{}">{}</a>'
        for sentence, address in leaving.held_by(self.instance):
            self.add_error("is_active", format_html(link, sentence, address, _("Hand over")))
