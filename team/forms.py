from django import forms
from django.utils.translation import gettext as _

from team.models import User


class ProfileForm(forms.ModelForm):
    """What people change about themselves; e-mail, level, teams and roles are an admin's to set."""

    class Meta:
        model = User
        fields = ("name", "theme", "mail_digest", "mail_review", "letter_keys")
        widgets = {"theme": forms.RadioSelect, "mail_digest": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["mail_digest"].choices = [("never", _("Never")), ("daily", _("Working days"))]
        self.fields["mail_digest"].required = False  # what a form does not ask stays as it is
        if not self.instance.is_manager:
            del self.fields["mail_review"]

    def clean_mail_digest(self):
        return self.cleaned_data["mail_digest"] or self.instance.mail_digest

    def save_changes(self):
        self.instance.save(update_fields=self.changed_data)


class ThemeForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("theme",)
