from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from team.models import User

from ..documents.reading import LONGEST_STEP
from ..models import Pipeline
from ..models.fields import lines
from ..slugs import free_slug
from .parts import Shown, Tidy, whole_between


class PipelineForm(Shown, Tidy, forms.ModelForm):
    one_line = ("name", "use_when")
    line_lists = ("buyer_profile", "buying_journey", "deal_types", "lost_reasons", "disqualified_reasons")

    class Meta:
        model = Pipeline
        fields = (
            "name", "process_owner", "use_when", "amount_min", "amount_max", "deal_types", "buyer_profile",
            "buying_journey", "review_every_days", "lost_reasons", "disqualified_reasons", "is_active",
        )  # fmt: skip
        help_texts = {
            "name": gettext_lazy("What the sales team calls this process, such as New business."),
            "use_when": gettext_lazy("One sentence: which deals go this way."),
            "buyer_profile": gettext_lazy("Who we sell to, one point per line; the first gate counts them."),
            "buying_journey": gettext_lazy(
                "The buyer's own steps, one per line, in order. Each stage says which one it serves."
            ),
            "review_every_days": gettext_lazy("The process page says when somebody should look at it again."),
            "amount_min": gettext_lazy(
                "A new deal from this amount on is proposed this process. Empty: no lower end."
            ),
            "amount_max": gettext_lazy(
                "A new deal up to this amount is proposed this process. Empty: no upper end."
            ),
            "lost_reasons": gettext_lazy("What a rep may choose when a deal is lost, one per line."),
            "disqualified_reasons": gettext_lazy(
                "What a rep may choose when it never was a deal for us, one per line; kept apart from lost."
            ),
            "is_active": gettext_lazy(
                "Untick to offer it to no new deal. Deals that are in it stay and go on."
            ),
        }
        widgets = {
            name: forms.Textarea(attrs={"rows": 4})
            for name in (
                "buyer_profile",
                "buying_journey",
                "deal_types",
                "lost_reasons",
                "disqualified_reasons",
            )
        }

    shows = Meta.fields

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if owner := self.fields.get("process_owner"):
            owner.required = True
            owner.queryset = User.objects.active()

    def clean_review_every_days(self):
        return whole_between(self.cleaned_data["review_every_days"], 1, 1000)

    def clean_buying_journey(self):
        """A stage keeps its step word for word, so a step is no longer than that column."""
        text = self.cleaned_data["buying_journey"]
        if any(len(" ".join(line.split())) > LONGEST_STEP for line in lines(text)):
            raise forms.ValidationError(_("A step may have at most %d characters.") % LONGEST_STEP)
        return text

    def clean_name(self):
        """A name is found again by its slug, so another pipeline's name in other letters is taken too."""
        name = " ".join(self.cleaned_data["name"].split())
        others = Pipeline.objects.exclude(pk=self.instance.pk)
        if others.filter(name__iexact=name).exists():
            raise forms.ValidationError(_("Another pipeline has this name."))
        return name

    def clean(self):
        # Two admins who save at once: the second waits here, so that new timers find their keys one by one.
        Pipeline.objects.select_for_update().filter(pk=self.instance.pk).first()
        self.refuse_older()
        return super().clean()

    def save(self, commit=True):
        if not self.instance.slug:
            taken = set(Pipeline.objects.values_list("slug", flat=True))
            self.instance.slug = free_slug(self.instance.name, taken, "process")
        return super().save(commit)
