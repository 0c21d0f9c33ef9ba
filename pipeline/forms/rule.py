"""Rules: what happens by itself, when, for the whole pipeline or for one of its stages."""

from functools import cached_property
from types import SimpleNamespace

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outbox.models import Endpoint
from team.models import Role, User

from .. import merge_fields
from ..models import Rule
from ..rule_checks import BELONGS, cleared, kind_of, kind_of_key, problems
from ..rules import in_words
from ..sequences import sequences
from ..vocabulary import RuleAction

NOTHING = [("", "---------")]
# What every rule says; the rest belongs to some actions alone and is shown with them.
ALWAYS = ("is_on", "is_shadow", "action", "trigger", "days", "business_days", "replaces")


class RuleForm(forms.ModelForm):
    role = forms.ChoiceField(
        label=gettext_lazy("for role"),
        required=False,
        help_text=gettext_lazy("Who gets the task or is told. Empty: the owner of the next action."),
    )
    person = forms.ChoiceField(
        label=gettext_lazy("for one person"),
        required=False,
        help_text=gettext_lazy("Always this person, whoever has the role."),
    )
    endpoint = forms.ChoiceField(
        label=gettext_lazy("webhook"),
        required=False,
        help_text=gettext_lazy("Which of your systems is told. Admins add them under Webhooks."),
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
        fields = (
            "is_on", "is_shadow", "action", "trigger", "days", "business_days", "window_days", "role", "person",
            "asks_above", "title", "purpose", "due_days", "subject", "body", "endpoint",
        )  # fmt: skip
        widgets = {"body": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "is_on": gettext_lazy("Untick to stop it; it stays in the history."),
            "is_shadow": gettext_lazy("Nothing happens; what it would have done is noted on the operations page."),
            "action": gettext_lazy("What happens then. Re-engaging and archiving only follow silence."),
            "trigger": gettext_lazy("Since when the days are counted."),
            "days": gettext_lazy("After how many days; over its target, how many more. 0: on entering a stage."),
            "business_days": gettext_lazy("Count working days only, by the calendar of the deal's team."),
            "window_days": gettext_lazy("For re-engaging: days the buyer has to answer this attempt."),
            "asks_above": gettext_lazy(
                "For archiving: from this amount on a manager decides. Empty: never asks."
            ),
            "title": gettext_lazy("The words of the task or the notice. Empty: what the rule says of itself."),
            "purpose": gettext_lazy("What for: shown under the task or in the notice."),
            "due_days": gettext_lazy("Business days until the task is due. 0: the same day."),
            "subject": gettext_lazy("Of the mail that waits for its owner to send it; nothing leaves by itself."),
            "body": gettext_lazy("Its text, with fields in braces that are filled in for each deal."),
        }  # fmt: skip

    def __init__(self, *args, role_names=(), people=(), endpoints=(), replaceable=(), **kwargs):
        super().__init__(*args, **kwargs)
        own = [self.instance.role] if self.instance.role else []
        names = dict.fromkeys([*role_names, *own])
        self.people = _by_id(people, self.instance.person if self.instance.person_id else None)
        self.endpoints = _by_id(endpoints, self.instance.endpoint if self.instance.endpoint_id else None)
        self.fields["role"].choices = [*NOTHING, *((name, name) for name in names)]
        self.fields["person"].choices = [*NOTHING, *self.people.items()]
        self.fields["endpoint"].choices = [*NOTHING, *self.endpoints.items()]
        self.fields["replaces"].choices = [*NOTHING, *((key, words) for key, words in replaceable)]
        self.fields["body"].help_text = f"{self.fields['body'].help_text} {merge_fields.LISTED}."
        if self.instance.pk or not replaceable:
            del self.fields["replaces"]

    def clean_person(self):
        return self.people.get(self.cleaned_data["person"])

    def clean_endpoint(self):
        return self.endpoints.get(self.cleaned_data["endpoint"])

    def clean(self):
        """What the action has no use for is not kept, so that nobody finds it there later."""
        cleaned = super().clean()
        if not {"action", "trigger", "days"} <= cleaned.keys() or not self.has_changed():
            return cleaned
        kind = kind_of(cleaned["action"], cleaned["trigger"])
        cleaned |= {name: empty for name, empty in cleared(cleaned["action"]).items() if name in self.fields}
        for name in cleared(cleaned["action"]):
            self.errors.pop(name, None)
        whole = {name: cleaned.get(name) for name in self.fields}
        for name, problem in problems(SimpleNamespace(**_as_text(whole))):
            self.add_error(name, problem)
        self._check_window(cleaned)
        self._check_kind(cleaned.get("replaces"), kind)
        return cleaned

    def _check_window(self, cleaned):
        attempt = cleaned.get("action") == RuleAction.RE_ENGAGE
        if attempt and not cleaned.get("window_days") and "window_days" not in self.errors:
            self.add_error("window_days", _("Give the buyer at least one day to answer."))

    def _check_kind(self, key, kind):
        """Firings are told apart by the rule's key, so a rule stays what it was."""
        if self.instance.pk and kind_of_key(self.instance.key) != kind:
            self.add_error("action", _("A rule stays what it is: switch this one off and add another."))
        elif key and kind_of_key(key) != kind:
            self.add_error(
                "replaces",
                _("What stands in for it does the same; to stop it here, choose the same and untick on."),
            )

    def columns(self):
        return [field for field in self.visible_fields() if field.name != "DELETE"]

    def always(self):
        return [field for field in self.columns() if field.name in ALWAYS]

    def sometimes(self):
        """[(field, classes)]: each is shown with the actions that use it."""
        rest = [field for field in self.columns() if field.name not in ALWAYS]
        return [(field, " ".join(sorted(f"a-{action}" for action in BELONGS[field.name]))) for field in rest]

    @property
    def words(self):
        """What the stored rule says; a form may name one that is not there any more."""
        return in_words(self.instance) if self.instance.trigger else _("A rule that is no longer there")


def _by_id(rows, own):
    """{id as typed: row}, with the one that was chosen before, even where nobody could choose it now."""
    return {str(row.pk): row for row in [*rows, *([own] if own else [])]}


def _as_text(values):
    return {
        name: "" if value is None and name not in ("person", "endpoint") else value
        for name, value in values.items()
    }


class RuleFormSet(BaseInlineFormSet):
    """Inline of a pipeline (its own timers) or of a stage (what differs there)."""

    @property
    def of_stage(self):
        return self.fk.name == "stage"

    @property
    def pipeline(self):
        return self.instance.pipeline if self.of_stage else self.instance

    @cached_property
    def common(self):
        """{key: rule} of the pipeline, for the page of one of its stages."""
        if not self.of_stage or not self.instance.pk:
            return {}
        rules = self.pipeline.rules.filter(stage__isnull=True).select_related("person", "endpoint")
        return {rule.key: rule for rule in _known(rules)}

    @cached_property
    def choices(self):
        """Read once for all forms of the page."""
        return {
            "role_names": list(Role.objects.values_list("name", flat=True)),
            "people": list(User.objects.active()),
            "endpoints": list(Endpoint.objects.filter(is_active=True)),
            "replaceable": [(key, in_words(rule)) for key, rule in self.common.items()],
        }

    def get_form_kwargs(self, index):
        return {**super().get_form_kwargs(index), **self.choices}

    @property
    def sequences(self):
        """Rules that run here, as saved, and go together."""
        own = [form.instance for form in self.initial_forms if form.instance.trigger]
        replaced = {rule.key for rule in own}
        running = [*own, *(rule for key, rule in self.common.items() if key not in replaced)]
        return sequences([rule for rule in running if rule.is_on])

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
        rule.key = form.cleaned_data.get("replaces") or self._free_key(kind_of(rule.action, rule.trigger))
        rule.attempt = _number(rule.key) if rule.action == RuleAction.RE_ENGAGE else 0
        rule.save()
        return rule

    def _counts(self, form):
        return form.instance.is_on and (form.instance.pk or form.has_changed())

    def _key_of(self, form):
        return form.instance.key or form.cleaned_data.get("replaces")

    def _free_key(self, base):
        taken, number = set(self.pipeline.rules.values_list("key", flat=True)), 1
        while (base if number == 1 else f"{base}_{number}") in taken:
            number += 1
        return base if number == 1 else f"{base}_{number}"


def _known(rules):
    """Without those a process file dropped, which stay for the record alone."""
    return rules.exclude(key__startswith="former-")


def _number(key):
    tail = key.rpartition("_")[2]
    return int(tail) if tail.isdigit() else 1
