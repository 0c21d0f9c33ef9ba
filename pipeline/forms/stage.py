from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from team.digits import number_in

from ..models import Pipeline, Stage
from ..models.fields import lines
from ..ordering import next_position
from ..slugs import free_slug
from .parts import Shown, Tidy

PLAYBOOK = ("we_do", "buyer_needs", "questions", "tools")


class StageForm(Shown, Tidy, forms.ModelForm):
    one_line = ("name", "objective", "buyer_action")
    line_lists = PLAYBOOK

    class Meta:
        model = Stage
        fields = (
            "pipeline", "name", "position", "owner_role", "probability", "target_days", "objective", "buyer_action",
            "journey_step", "qualifies", "counts_as_pipeline", *PLAYBOOK,
        )  # fmt: skip
        help_texts = {
            "pipeline": gettext_lazy("The process this stage is a step of; it stays there."),
            "name": gettext_lazy("One or two words, as the board's column shows them."),
            "position": gettext_lazy(
                "1 is the first column. Move up and Move down are on the pipeline's page."
            ),
            "probability": gettext_lazy("How many of a hundred deals in this stage are won."),
        }
        widgets = {
            "objective": forms.Textarea(attrs={"rows": 2}),
            "buyer_action": forms.Textarea(attrs={"rows": 2}),
            **{name: forms.Textarea(attrs={"rows": 5}) for name in PLAYBOOK},
        }

    shows = Meta.fields

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if position := self.fields.get("position"):
            position.required = not self.instance.retired_at
            position.initial = self._next_position()
            if self.instance.pk is None:
                position.help_text = _(
                    "1 is the first column. Where another stage stands, the new one goes before it."
                )
        self.goes_before = None
        self._offer_journey()

    def _offer_journey(self):
        """The steps of the pipeline's journey, and the one the stage has where that is no longer among them."""
        pipeline = self.instance.pipeline if self.instance.pk else self._pipeline_asked()
        steps = lines(pipeline.buying_journey) if pipeline else []
        now = self.instance.journey_step
        known = [(step, step) for step in steps]
        if now and now not in steps:
            known.append((now, _("%s (no longer in the journey)") % now))
        self.fields["journey_step"] = forms.ChoiceField(
            label=self.fields["journey_step"].label,
            help_text=self.fields["journey_step"].help_text
            if steps
            else _("The pipeline has no journey yet."),
            choices=[("", "---------"), *known],
            required=False,
        )

    def clean(self):
        cleaned = super().clean()
        pipeline = self._pipeline(cleaned)
        if pipeline:
            # Two admins who add a stage at once: the second waits here, and is told beside the field.
            Pipeline.objects.select_for_update().get(pk=pipeline.pk)
            self.refuse_older()
            self._check_name(pipeline, cleaned)
            self._check_position(pipeline, cleaned)
            self._check_qualifies(pipeline, cleaned)
        return cleaned

    def save(self, commit=True):
        if not self.instance.slug:
            taken = set(self.instance.pipeline.stages.values_list("slug", flat=True))
            self.instance.slug = free_slug(self.instance.name, taken, "stage")
        return super().save(commit)

    def _pipeline(self, cleaned):
        return self.instance.pipeline if self.instance.pk else cleaned.get("pipeline")

    def _others(self, pipeline):
        return pipeline.stages.current().exclude(pk=self.instance.pk)

    def _check_name(self, pipeline, cleaned):
        if self._others(pipeline).filter(name__iexact=cleaned.get("name", "")).exists():
            self.add_error("name", _("Another stage of this pipeline has this name."))

    def _check_position(self, pipeline, cleaned):
        position = cleaned.get("position")
        if position == 0:
            self.add_error("position", _("The first position is 1."))
        elif position and (holder := self._others(pipeline).filter(position=position).first()):
            if self.instance.pk is None:
                self.goes_before, cleaned["position"] = holder, next_position(pipeline.stages)
                return
            message = _("“%(name)s” stands at this position; the next free one is %(free)d.")
            free = next_position(pipeline.stages)
            self.add_error("position", message % {"name": holder.name, "free": free})

    def _check_qualifies(self, pipeline, cleaned):
        other = self._others(pipeline).filter(qualifies=True).first() if cleaned.get("qualifies") else None
        if other:
            self.add_error("qualifies", _("“%s” has this mark already; untick it there first.") % other.name)

    def _next_position(self):
        pipeline = self._pipeline_asked()
        return next_position(pipeline.stages) if pipeline else None

    def _pipeline_asked(self):
        """Of a new stage: the pipeline that was chosen, or the one its page was opened for."""
        given = self.data.get(self.add_prefix("pipeline")) or self.initial.get("pipeline")
        return Pipeline.objects.filter(pk=number_in(str(given or ""))).first()
