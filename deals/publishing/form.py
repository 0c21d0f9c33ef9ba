"""What has to be said before a draft is in force: why, from when each tightened criterion counts, and that a gate
which will stand open is meant to."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.models import Criterion
from pipeline.publishing import ENTERING, NOW
from pipeline.snapshots import draft_digest
from team.calendar import local_date

BY = "by"
LATEST = timedelta(days=366)
FROM_WHEN = [
    (NOW, gettext_lazy("Now, for every live deal")),
    (BY, gettext_lazy("By a date, for every live deal")),
    (ENTERING, gettext_lazy("Only for deals that enter the stage from now on")),
]


class PublishForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Note to the team"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Why you change it. Shown on the process page and kept with the version."),
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[("now", gettext_lazy("At once")), ("at", gettext_lazy("At a set time"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    at = forms.DateTimeField(
        label=gettext_lazy("Time of publication"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    restores = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)

    def __init__(self, draft, *args, now=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.draft, self.now = draft, now or timezone.now()
        self.initial.setdefault("digest", draft_digest(draft.pipeline))
        self.tightened = _criteria(draft.difference.tightened) if draft.version else []
        for criterion in self.tightened:
            self._add_from_when(criterion)
        for stage in draft.open_gates:
            self._add_confirmation(stage)

    def _add_from_when(self, criterion):
        name = f"binding_{criterion.pk}"
        self.fields[name] = forms.ChoiceField(
            label=criterion.label, choices=FROM_WHEN, widget=forms.RadioSelect, initial=NOW
        )
        self.fields[f"{name}_on"] = forms.DateField(
            label=_("Day from which it counts"),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )

    def _add_confirmation(self, stage):
        words = _(
            "“%s” asks nothing on leaving: every deal may go on. Type the stage's name to publish it so."
        )
        self.fields[f"gate_{stage.pk}"] = forms.CharField(
            label=_("Open gate: %s") % stage.name, required=False, max_length=60, help_text=words % stage.name
        )

    def asks(self):
        """(criterion, radio buttons, its day) of each tightened criterion."""
        for criterion in self.tightened:
            yield criterion, self[f"binding_{criterion.pk}"], self[f"binding_{criterion.pk}_on"]

    def confirmations(self):
        return [self[f"gate_{stage.pk}"] for stage in self.draft.open_gates]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("when") == "at":
            self._check_time(cleaned)
        for criterion in self.tightened:
            self._check_day(f"binding_{criterion.pk}", cleaned)
        for stage in self.draft.open_gates:
            if cleaned.get(f"gate_{stage.pk}", "").strip().casefold() != stage.name.casefold():
                self.add_error(
                    f"gate_{stage.pk}", _("Type “%s” to confirm that this gate stands open.") % stage.name
                )
        return cleaned

    def _check_time(self, cleaned):
        at = cleaned.get("at")
        if at is None:
            if "at" not in self.errors:
                self.add_error("at", _("Say when."))
        elif not self.now < at < self.now + LATEST:
            self.add_error("at", _("A time to come, within a year."))

    def _check_day(self, name, cleaned):
        if cleaned.get(name) != BY or f"{name}_on" in self.errors:
            return
        day, today = cleaned.get(f"{name}_on"), local_date(self.now)
        if day is None:
            self.add_error(f"{name}_on", _("Say from which day."))
        elif not today < day <= today + LATEST:
            self.add_error(f"{name}_on", _("A day to come, within a year."))

    def binding(self):
        """{criterion id: NOW, ENTERING or a date}, from what is valid so far: the rest counts at once."""
        values = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        return {
            criterion.pk: self._from_when(f"binding_{criterion.pk}", values) for criterion in self.tightened
        }

    def _from_when(self, name, values):
        choice = values.get(name, NOW)
        return (values.get(f"{name}_on") or NOW) if choice == BY else choice


def _criteria(ids):
    found = Criterion.objects.select_related("stage").in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
