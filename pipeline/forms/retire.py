from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import retiring

MERGE, DROP = "merge", "drop"


class RetireForm(forms.Form):
    """Where the deals of a stage go when it leaves the process, and what becomes of its criteria."""

    to = forms.ModelChoiceField(None, label=gettext_lazy("Its deals go to"), required=False)
    criteria = forms.ChoiceField(
        label=gettext_lazy("Its criteria"),
        choices=[
            (DROP, gettext_lazy("are asked no more")),
            (MERGE, gettext_lazy("move along and are asked there (a merger)")),
        ],
        widget=forms.RadioSelect,
        initial=DROP,
    )

    def __init__(self, stage, *args):
        super().__init__(*args)
        self.stage, self.held = stage, retiring.live_deals(stage)
        self.fields["to"].queryset = retiring.destinations(stage)
        self.fields["to"].empty_label = "" if self.held.count else _("Nowhere: it holds none")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("to") is None and "to" not in self.errors:
            if self.held.count:
                self.add_error("to", _("The stage holds live deals: say where they go."))
            elif cleaned.get("criteria") == MERGE:
                self.add_error("to", _("Say which stage its criteria move to."))
        return cleaned

    def carry_out(self):
        """Raises retiring.NoDestination where deals came in meanwhile."""
        moves_along = self.cleaned_data["criteria"] == MERGE
        retiring.retire(self.stage, self.cleaned_data["to"], move_criteria=moves_along)
