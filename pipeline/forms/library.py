"""Choosing from the library of criteria: one by one, or a whole set."""

from django import forms
from django.utils.translation import gettext as _

from .. import library


class LibraryForm(forms.Form):
    criteria = forms.MultipleChoiceField(required=False)
    sets = forms.MultipleChoiceField(required=False)

    def __init__(self, *args, stage, **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = set(stage.criteria.filter(retired_at__isnull=True).values_list("slug", flat=True))
        self.fields["criteria"].choices = [(slug, slug) for slug in library.by_slug()]
        self.fields["sets"].choices = [(each.slug, each.name) for each in library.sets()]

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not (cleaned.get("criteria") or cleaned.get("sets")):
            raise forms.ValidationError(_("Tick at least one criterion or set."))
        return cleaned

    def documents(self):
        return library.chosen(self.cleaned_data["criteria"], self.cleaned_data["sets"])

    def _ticked(self, name):
        return self.data.getlist(name) if self.is_bound else []

    def groups(self):
        """[(group, [(document, asked already, ticked)])]"""
        ticked = self._ticked("criteria")
        return [
            (group, [(each, each.slug in self.asked, each.slug in ticked) for each in group.criteria])
            for group in library.groups()
        ]

    def set_choices(self):
        """[(set, its labels, ticked)]"""
        ticked, known = self._ticked("sets"), library.by_slug()
        return [
            (each, [known[slug].label for slug in each.criteria], each.slug in ticked)
            for each in library.sets()
        ]
