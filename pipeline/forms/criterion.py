"""One thing a gate asks, as an admin edits it: what each kind may say is that of a process file."""

from functools import cached_property

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from team.models import Role

from ..conditions import ConditionError, parse
from ..documents.criteria import ALL_LIMITS, LIMITS, NEEDED
from ..models import Criterion
from ..ordering import next_position, renumber
from ..slugs import free_slug
from ..vocabulary import ActivityToken, DealFact, Evidence, Kind, StakeholderRoleName
from .parts import Ticks, Tidy, whole_between

WHOLES = {"expires_after_days": 3650, "min_length": 1000, "min_items": 50, "min_people": 50}
ROW = ("label", "side", "kind", "needs_buyer", "evidence", "expires_after_days")
MORE = ("why", "good", "verification", "applies_when", "core")
NEEDED_WORDS = {
    Kind.CHOICE: gettext_lazy("A choice needs its choices: one per line, under More."),
    Kind.DEAL_FIELD: gettext_lazy("Tick at least one deal field under More."),
    Kind.STAKEHOLDER: gettext_lazy("Tick a role, or say how many people at least, under More."),
    Kind.ACTIVITY: gettext_lazy("Tick an activity or a role under More."),
}


class CriterionForm(Tidy, forms.ModelForm):
    one_line = ("label", "why", "good", "verification", "applies_when")
    line_lists = ("choices",)
    roles = Ticks(
        label=gettext_lazy("roles"),
        choices=StakeholderRoleName.choices,
        required=False,
        help_text=gettext_lazy("Who of the buyer's people must be on the map, or must have taken part."),
    )
    approver_roles = Ticks(
        label=gettext_lazy("who approves"),
        required=False,
        help_text=gettext_lazy("Roles whose yes is asked for."),
    )
    must_include = forms.ChoiceField(
        label=gettext_lazy("must include"),
        choices=[("", "---------"), *StakeholderRoleName.choices],
        required=False,
        help_text=gettext_lazy("Among these people there must be one in this role."),
    )
    activity_kinds = Ticks(
        label=gettext_lazy("activities"),
        choices=ActivityToken.choices,
        required=False,
        help_text=gettext_lazy("Any one of them opens the criterion."),
    )
    deal_fields = Ticks(
        label=gettext_lazy("deal fields"),
        choices=DealFact.choices,
        required=False,
        help_text=gettext_lazy("All of them must be filled in on the deal."),
    )
    retire = forms.BooleanField(
        label=gettext_lazy("Retire"),
        required=False,
        help_text=gettext_lazy("Asked no more from now on. Answers and history stay."),
    )

    class Meta:
        model = Criterion
        fields = (*ROW, *MORE, *ALL_LIMITS, "position")
        help_texts = {
            "side": gettext_lazy(
                "Exit: asked before a deal leaves this stage. Entry: asked before it comes in."
            ),
            "kind": gettext_lazy("What answers it. More shows the limits this kind can have."),
            "minimum": gettext_lazy("The smallest number or amount that opens it."),
            "maximum": gettext_lazy("The largest number or amount that opens it."),
            "min_length": gettext_lazy("Characters the answer has at least."),
            "allow_range": gettext_lazy("An answer such as 60-90k is enough."),
            "choices": gettext_lazy("One per line. For money: where it may come from."),
            "future": gettext_lazy("Only a date that has not passed opens it."),
            "with_date": gettext_lazy("The date on the paper is asked together with the file."),
            "min_people": gettext_lazy("How many of the buyer's people, at least."),
            "requires_priority": gettext_lazy("What matters to this person must be written down too."),
        }
        widgets = {
            "label": forms.Textarea(attrs={"rows": 2}),
            "why": forms.Textarea(attrs={"rows": 2}),
            "good": forms.Textarea(attrs={"rows": 2}),
            "choices": forms.Textarea(attrs={"rows": 3}),
            "expires_after_days": forms.NumberInput(attrs={"placeholder": gettext_lazy("never"), "min": 1}),
            "position": forms.HiddenInput,
        }

    def __init__(self, *args, role_names=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["position"].required = False
        self.fields["position"].initial = None
        own = self.instance.role_list if self.instance.kind == Kind.APPROVAL else []
        self.fields["approver_roles"].choices = [(name, name) for name in dict.fromkeys([*role_names, *own])]
        if self.instance.kind == Kind.APPROVAL:
            self.initial["roles"], self.initial["approver_roles"] = "", self.instance.roles
        if not self.instance.pk:
            self.initial.pop("position", None)

    def row(self):
        """The fields of the row one sees without opening More, in the order of its columns."""
        return [self[name] for name in ROW]

    def more(self):
        return [self[name] for name in MORE]

    def limits(self):
        """(field, classes that name the kinds it belongs to) of every limit."""
        for name in ALL_LIMITS:
            kinds = [f"k-{kind}" for kind in Kind.values if name in LIMITS[kind]]
            if name == "roles":
                yield self["approver_roles"], f"k-{Kind.APPROVAL}"
                kinds.remove(f"k-{Kind.APPROVAL}")
            yield self[name], " ".join(kinds)

    def hidden_errors(self):
        """More must be open where something in it is wrong."""
        return any(name in self.errors for name in self.fields if name not in ROW)

    def clean_applies_when(self):
        text = self.cleaned_data["applies_when"]
        try:
            if text.strip():
                parse(text)
        except ConditionError as error:
            raise forms.ValidationError(str(error)) from error
        return text

    def clean_position(self):
        """Never empty once saved: a new criterion gets its place from the formset."""
        return self.cleaned_data["position"] or self.instance.position

    def clean(self):
        cleaned = super().clean()
        if kind := cleaned.get("kind"):
            self._drop_foreign_limits(kind, cleaned)
            self._check_numbers(cleaned)
            self._check_needed(kind, cleaned)
            self._check_evidence(cleaned)
        return cleaned

    def _drop_foreign_limits(self, kind, cleaned):
        """What another kind needed means nothing for this one, and the page no longer shows it."""
        if kind == Kind.APPROVAL:
            cleaned["roles"] = cleaned.get("approver_roles", "")
            self._errors.pop("roles", None)
        for name in set(ALL_LIMITS) - LIMITS[kind]:
            cleaned[name] = Criterion._meta.get_field(name).get_default() or _empty(name)
            self._errors.pop(name, None)

    def _check_numbers(self, cleaned):
        for name, most in WHOLES.items():
            try:
                whole_between(cleaned.get(name), 1, most)
            except forms.ValidationError as error:
                self.add_error(name, error)
        low, high = cleaned.get("minimum"), cleaned.get("maximum")
        for name in ("minimum", "maximum"):
            if (cleaned.get(name) or 0) < 0:
                self.add_error(name, _("This must not be below 0."))
        if low is not None and high is not None and low > high:
            self.add_error("maximum", _("This must not be below “at least”."))

    def _check_needed(self, kind, cleaned):
        needed = NEEDED.get(kind, ())
        if needed and not any(cleaned.get(name) for name in needed) and not self.errors:
            self.add_error(needed[0], NEEDED_WORDS[kind])

    def _check_evidence(self, cleaned):
        """The buyer's word cannot be nothing, and only the buyer can give it."""
        buyer, level = cleaned.get("needs_buyer"), cleaned.get("evidence")
        if buyer and level == Evidence.NONE:
            self.add_error("evidence", _("The buyer confirms it: choose One tap or more, or untick Buyer."))
        if not buyer and level not in (None, "", Evidence.NONE, Evidence.FILE):
            self.add_error(
                "evidence", _("Only the buyer can give this: tick Buyer, or choose Nothing or A document.")
            )


def _empty(name):
    return None if Criterion._meta.get_field(name).null else ("" if _is_text(name) else False)


def _is_text(name):
    return Criterion._meta.get_field(name).get_internal_type() in ("CharField", "TextField")


class CriterionFormSet(BaseInlineFormSet):
    @cached_property
    def role_names(self):
        """A comma parts the names in the column, so a role with one in its name cannot be asked."""
        return [name for name in Role.objects.values_list("name", flat=True) if "," not in name]

    def get_form_kwargs(self, index):
        return {**super().get_form_kwargs(index), "role_names": self.role_names}

    def save_new(self, form, commit=True):
        criterion = super().save_new(form, commit=False)
        criteria = Criterion.objects.filter(stage=self.instance)
        taken = set(criteria.values_list("slug", flat=True))
        criterion.slug = free_slug(criterion.label, taken, "criterion", between="_")
        criterion.position = next_position(criteria)
        criterion.save()
        return criterion

    def save_existing(self, form, obj, commit=True):
        if form.cleaned_data.get("retire"):
            form.instance.retired_at = timezone.now()
        return super().save_existing(form, obj, commit)

    def save(self, commit=True):
        saved = super().save(commit)
        renumber(self.instance.criteria.filter(retired_at__isnull=True).order_by("position", "id"))
        return saved
