from django import forms

from team.models import User


class ProfileForm(forms.ModelForm):
    """What people change about themselves; e-mail, level, teams and roles are an admin's to set."""

    class Meta:
        model = User
        fields = ("name", "theme", "letter_keys")
        widgets = {"theme": forms.RadioSelect}

    def save_changes(self):
        self.instance.save(update_fields=self.changed_data)


class ThemeForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("theme",)
