"""Timers: what happens when the buyer is silent, for the whole pipeline or for one of its stages."""

from functools import cached_property

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from team.models import Role

from ..models import Rule
from ..rules import in_words
from ..vocabulary import RuleAction

KEYS = {RuleAction.TASK: "follow_up", RuleAction.RE_ENGAGE: "re_engage", RuleAction.ARCHIVE: "archive"}


class RuleForm(forms.ModelForm):
    role = forms.ChoiceField(
        label=gettext_lazy("for role"),
        required=False,
        help_text=gettext_lazy("Who gets the task or is told. Empty: the owner of the next action."),
    )
    replaces = forms.ChoiceField(
        label=gettext_lazy("instead of"),
        required=False,
        help_text=gettext_lazy(
            "Which timer of the pipeline this one replaces in this stage. Empty: it comes on top."
        ),
    )

    class Meta:
        model = Rule
        fields = ("is_on", "action", "trigger", "days", "business_days", "window_days", "role", "asks_above")
        help_texts = {
            "is_on": gettext_lazy("Untick to stop it; it stays in the history."),
            "action": gettext_lazy("What happens then."),
            "trigger": gettext_lazy("Since when the days are counted."),
            "days": gettext_lazy("After how many days."),
            "business_days": gettext_lazy("Count working days of the organisation's calendar only."),
            "window_days": gettext_lazy("For re-engaging: days the buyer has to answer this attempt."),
            "asks_above": gettext_lazy(
                "For archiving: from this amount on a manager decides. Empty: never asks."
            ),
        }

    def __init__(self, *args, role_names=(), replaceable=(), **kwargs):
        super().__init__(*args, **kwargs)
        own = [self.instance.role] if self.instance.role else []
        names = dict.fromkeys([*role_names, *own])
        self.fields["role"].choices = [("", "---------"), *((name, name) for name in names)]
        self.fields["replaces"].choices = [("", "---------"), *replaceable]
        if self.instance.pk or not replaceable:
            del self.fields["replaces"]

    def clean(self):
        cleaned = super().clean()
        attempt = cleaned.get("action") == RuleAction.RE_ENGAGE and self.has_changed()
        if attempt and not cleaned.get("window_days"):
            self.add_error("window_days", _("Give the buyer at least one day to answer."))
        return cleaned

    def columns(self):
        return [field for field in self.visible_fields() if field.name != "DELETE"]


class RuleFormSet(BaseInlineFormSet):
    """Inline of a pipeline (its own timers) or of a stage (what differs there)."""

    @property
    def of_stage(self):
        return self.fk.name == "stage"

    @property
    def pipeline(self):
        return self.instance.pipeline if self.of_stage else self.instance

    @cached_property
    def role_names(self):
        return list(Role.objects.values_list("name", flat=True))

    @cached_property
    def common(self):
        """{key: rule} of the pipeline, for the page of one of its stages."""
        if not self.of_stage or not self.instance.pk:
            return {}
        return {rule.key: rule for rule in _known(self.pipeline.rules.filter(stage__isnull=True))}

    def get_form_kwargs(self, index):
        replaceable = [(key, in_words(rule)) for key, rule in self.common.items()]
        return {**super().get_form_kwargs(index), "role_names": self.role_names, "replaceable": replaceable}

    def clean(self):
        super().clean()
        self._check_replaced()
        rules = [form.instance for form in self.forms if form.is_valid() and self._counts(form)]
        replaced = {self._key_of(form) for form in self.forms if form.is_valid()}
        rules += [rule for key, rule in self.common.items() if key not in replaced and rule.is_on]
        archives = [rule.days for rule in rules if rule.action == RuleAction.ARCHIVE]
        attempts = [rule.days for rule in rules if rule.action == RuleAction.RE_ENGAGE]
        if len(archives) > 1:
            raise forms.ValidationError(_("One archive timer is enough: change the one there is."))
        if archives and attempts and archives[0] <= max(attempts):
            raise forms.ValidationError(
                _(
                    "Archiving after %(archive)d days comes before the last attempt to re-engage after %(last)d."
                )
                % {"archive": archives[0], "last": max(attempts)}
            )

    def _check_replaced(self):
        keys = [key for form in self.forms if form.is_valid() and (key := self._key_of(form))]
        if len(set(keys)) < len(keys):
            raise forms.ValidationError(_("This stage replaces that timer already: change the one there is."))

    def save_new(self, form, commit=True):
        rule = super().save_new(form, commit=False)
        rule.pipeline = self.pipeline
        rule.key = form.cleaned_data.get("replaces") or self._free_key(rule.action)
        rule.attempt = _number(rule.key) if rule.action == RuleAction.RE_ENGAGE else 0
        rule.save()
        return rule

    def _counts(self, form):
        return form.instance.is_on and (form.instance.pk or form.has_changed())

    def _key_of(self, form):
        return form.instance.key or form.cleaned_data.get("replaces")

    def _free_key(self, action):
        taken = set(self.pipeline.rules.values_list("key", flat=True))
        base, number = KEYS[action], 1
        while (base if number == 1 else f"{base}_{number}") in taken:
            number += 1
        return base if number == 1 else f"{base}_{number}"


def _known(rules):
    """Without those a process file dropped, which stay for the record alone."""
    return rules.exclude(key__startswith="former-")


def _number(key):
    tail = key.rpartition("_")[2]
    return int(tail) if tail.isdigit() else 1
