"""What an act on many deals needs to know, and which deals were chosen for it."""

import uuid

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.models import Stage
from team.calendar import local_date
from team.digits import number_in
from team.models import User

from .. import new_owner
from ..input import normalise, parsing
from ..models import BulkAction
from .submission import Malformed


class MoveMany(forms.Form):
    to = forms.ChoiceField(label=gettext_lazy("Move to"))
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        required=False,
        max_length=2000,
        help_text=gettext_lazy("Needed for deals that move back."),
    )

    def __init__(self, deals, now, *args):
        super().__init__(*args)
        pipelines = {deal.pipeline_id for deal in deals}
        groups = {}
        for stage in Stage.objects.in_force().filter(pipeline__in=pipelines).select_related("pipeline"):
            groups.setdefault(stage.pipeline.name, []).append((str(stage.pk), stage.name))
        several = [(name, stages) for name, stages in sorted(groups.items())]
        choices = several if len(several) > 1 else [stage for _name, stages in several for stage in stages]
        self.fields["to"].choices = [("", _("Choose a stage")), *choices]


class HandOver(forms.Form):
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Hand over to"),
        help_text=gettext_lazy("They are asked to accept."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why, and what to know"), required=False, max_length=new_owner.REASON_LIMIT
    )

    def __init__(self, deals, now, *args):
        super().__init__(*args)
        self.fields["owner"].queryset = User.objects.active().order_by("name")

    def clean_owner(self):
        return self.cleaned_data["owner"].pk


class ArchiveMany(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=2000)

    def __init__(self, deals, now, *args):
        super().__init__(*args)

    def clean_reason(self):
        reason = normalise.clean(self.cleaned_data["reason"])
        if flaw := normalise.flaw(reason, min_length=3):
            raise forms.ValidationError(flaw)
        return reason


class NextStepOfMany(forms.Form):
    next_step = forms.CharField(label=gettext_lazy("What"), max_length=200)
    next_step_on = forms.CharField(
        label=gettext_lazy("When"), max_length=40, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, deals, now, *args):
        super().__init__(*args)
        self.today = local_date(now)

    def clean_next_step(self):
        if flaw := normalise.flaw(normalise.clean(self.cleaned_data["next_step"])):
            raise forms.ValidationError(flaw)
        return self.cleaned_data["next_step"]

    def clean_next_step_on(self):
        try:
            day = parsing.day(self.cleaned_data["next_step_on"], today=self.today)
        except parsing.ParseError as error:
            raise forms.ValidationError(str(error)) from error
        if day < self.today:
            raise forms.ValidationError(_("This day has passed."))
        return day.isoformat()


FORMS = {
    BulkAction.MOVE: MoveMany,
    BulkAction.REASSIGN: HandOver,
    BulkAction.ARCHIVE: ArchiveMany,
    BulkAction.NEXT_STEP: NextStepOfMany,
}


def action_of(data):
    """The act a form asks for; Malformed where it names none of ours."""
    if data.get("action") not in FORMS:
        raise Malformed(_("This is no form of ours."))
    return BulkAction(data["action"])


def seen_of(data):
    """{deal id: the seq that was seen} of what was ticked, in order; Malformed for what no page of ours sends."""
    found = {}
    for value in data.getlist("deal"):
        deal, _colon, seen = value.partition(":")
        deal_id, seq = number_in(deal), number_in(seen)
        if deal_id is None or seq is None:
            raise Malformed(_("This is no form of ours."))
        found[deal_id] = seq
    return found


def token_of(data):
    try:
        return uuid.UUID(data.get("token", ""))
    except ValueError as error:
        raise Malformed(_("This is no form of ours.")) from error
