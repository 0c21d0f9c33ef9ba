"""What the import's pages take in."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.models import Pipeline

from . import mapping, reading

MAX_BYTES = 20_000_000
MAX_ROWS = 10_000


class UploadForm(forms.Form):
    """A file or pasted rows; `cleaned_data` has `data`, the bytes of a file that can be read, and its `name`."""

    file = forms.FileField(label=gettext_lazy("CSV file"), required=False, allow_empty_file=True)
    text = forms.CharField(
        label=gettext_lazy("Or paste the rows here"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=gettext_lazy("With the header row; copied from a spreadsheet is fine."),
    )
    pipeline = forms.ModelChoiceField(
        Pipeline.objects.none(), label=gettext_lazy("Pipeline"), to_field_name="slug", empty_label=None
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by
        self.fields["file"].help_text = _("Comma, semicolon or tab; up to 20 MB and 10,000 rows.")
        self.fields["file"].one_of_two = self.fields["text"].one_of_two = True  # neither is optional
        self.fields["pipeline"].queryset = Pipeline.objects.active()
        self.fields["pipeline"].initial = Pipeline.objects.active().first()

    def clean(self):
        cleaned = super().clean()
        upload, text = cleaned.get("file"), cleaned.get("text") or ""
        if bool(upload) == bool(text.strip()):
            raise ValidationError(_("Choose a file, or paste rows: one of the two."))
        if upload and upload.size > MAX_BYTES:
            raise ValidationError(
                _("The file has %.1f MB; at most 20 MB are possible.") % (upload.size / 1_000_000)
            )
        cleaned["data"] = upload.read() if upload else text.encode("utf-8", "replace")
        cleaned["name"] = upload.name[:200] if upload else _("Pasted rows")
        self._check(cleaned)
        return cleaned

    def _check(self, cleaned):
        try:
            rows = sum(1 for _row in reading.read(cleaned["data"]).rows())
        except reading.Unreadable as error:
            raise ValidationError(str(error)) from error
        if rows > MAX_ROWS:
            raise ValidationError(_too_many(rows, cleaned, self.by))


def _too_many(rows, cleaned, by):
    name = "".join(char for char in cleaned["name"] if char.isalnum() or char in "._-") or "deals.csv"
    pipeline = cleaned["pipeline"].slug if cleaned.get("pipeline") else ""
    return _("%(rows)s rows are more than this page takes (10,000). On the server: %(command)s") % {
        "rows": f"{rows:,}",
        "command": f"python manage.py import_deals {name} --pipeline {pipeline} --by {by.email}",
    }


def said(post, process):
    """The Mapping a corrected preview says; mapping.BadMapping where it names what is not there."""
    tables = {
        "columns": _pairs(post, "column", "field"),
        "stages": {name: slug for name, slug in _pairs(post, "stage", "stage_to").items() if slug},
        "owners": {name: email for name, email in _pairs(post, "owner", "owner_to").items() if email},
        "defaults": {name: post[name] for name in ("currency", "dates") if post.get(name)},
    }
    return mapping.checked(tables, process)


def _pairs(post, names, values):
    return dict(zip(post.getlist(names), post.getlist(values), strict=False))
