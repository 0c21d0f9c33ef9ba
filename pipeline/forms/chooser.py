"""A new pipeline from a ready-made process, or from a file."""

from dataclasses import replace

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from team.models import User

from ..documents import ProcessError, read
from ..documents.reading import LARGEST_FILE
from ..loading import TEMPLATES
from ..models import Pipeline
from ..slugs import free_slug

FIRST = "b2b-seven-stages"


def shipped():
    """{file stem: ProcessDocument}, the seven-stage default first."""
    paths = sorted(TEMPLATES.glob("*.toml"), key=lambda path: (path.stem != FIRST, path.stem))
    return {path.stem: read(path) for path in paths}


class _OwnedForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("name"),
        max_length=80,
        help_text=gettext_lazy("What your team calls this process."),
    )
    process_owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("process owner"),
        help_text=gettext_lazy("The one person who answers for this process."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["process_owner"].queryset = User.objects.active()


class TemplateForm(_OwnedForm):
    template = forms.ChoiceField(
        label=gettext_lazy("template"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Everything in it can be changed afterwards."),
    )
    field_order = ("template", "name", "process_owner")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.documents = shipped()
        self.fields["template"].choices = [(key, found.name) for key, found in self.documents.items()]
        self.fields["name"].required = False
        self.fields["name"].help_text = _("What your team calls this process. Empty: the template's name.")

    def choices_in_full(self):
        """(radio button, document) of each template."""
        return zip(self["template"], self.documents.values(), strict=True)

    def clean(self):
        cleaned = super().clean()
        if found := self.documents.get(cleaned.get("template")):
            cleaned["document"] = _renamed(self, found, cleaned.get("name") or found.name)
        return cleaned


class UploadForm(_OwnedForm):
    file = forms.FileField(
        label=gettext_lazy("file"),
        help_text=gettext_lazy("A TOML file as Export gives it, up to 1 MB."),
    )
    update = forms.BooleanField(
        label=gettext_lazy("Update the pipeline the file names"),
        required=False,
        help_text=gettext_lazy(
            "If there already is a pipeline of the file's slug, make it say what the file says. Its deals stay."
        ),
    )
    field_order = ("file", "name", "process_owner", "update")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["name"].help_text = _("Empty: the name in the file.")

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 1 MB."))
        try:
            return read(file.read().decode("utf-8-sig"), name=file.name)
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from error
        except ProcessError as error:
            raise forms.ValidationError(error.problems) from error

    def clean(self):
        cleaned = super().clean()
        if found := cleaned.get("file"):
            known = Pipeline.objects.filter(slug=found.slug).first()
            if cleaned.get("update") and known:
                cleaned["document"] = replace(found, name=cleaned.get("name") or found.name)
            else:
                cleaned["document"] = _renamed(self, found, cleaned.get("name") or found.name)
        return cleaned


def _renamed(form, document, name):
    """The document under its own name and a free slug; a name that is taken is said beside the field."""
    name = " ".join(name.split())
    if Pipeline.objects.filter(name__iexact=name).exists():
        form.add_error(
            "name", _("There already is a pipeline called “%s”; give this one another name.") % name
        )
    taken = set(Pipeline.objects.values_list("slug", flat=True))
    slug = (
        document.slug
        if document.slug not in taken and name == document.name
        else free_slug(name, taken, "process")
    )
    return replace(document, name=name, slug=slug)
