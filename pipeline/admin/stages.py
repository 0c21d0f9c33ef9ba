from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext_lazy

from team.digits import number_in

from .. import ordering
from ..forms import StageForm
from ..forms.rule import in_words
from ..forms.stage import PLAYBOOK
from ..models import Stage
from .criteria import CriterionInline
from .kept import KeptOnceUsed
from .library import library_view
from .retire import retire_view
from .rules import StageRuleInline
from .saving import EditsDraft, place_asked


@admin.register(Stage)
class StageAdmin(KeptOnceUsed, EditsDraft, admin.ModelAdmin):
    form = StageForm
    inlines = (CriterionInline, StageRuleInline)
    instead = gettext_lazy("Retire it instead: it leaves the process, and its history stays.")
    list_display = ("name", "pipeline", "position", "owner_role", "probability", "target_days")
    list_filter = ("pipeline",)
    list_select_related = ("pipeline", "owner_role")
    search_fields = ("name",)
    change_form_template = "admin/pipeline/stage/change_form.html"
    fieldsets = (
        (gettext_lazy("Stage"), {"fields": (
            "pipeline", ("name", "position"), "owner_role", ("probability", "target_days"), "objective", "buyer_action",
            "journey_step", ("qualifies", "counts_as_pipeline"),
        )}),
        (gettext_lazy("Playbook"), {"classes": ("collapse",), "fields": PLAYBOOK}),
    )  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("pipeline")

    def get_readonly_fields(self, request, obj=None):
        """A stage stays in its pipeline; a retired one has no place."""
        if obj is None:
            return ()
        return ("pipeline", "position") if obj.retired_at else ("pipeline",)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if form.goes_before:
            stages = form.instance.pipeline.stages.current()
            ordering.put_before(stages, form.instance.pk, form.goes_before.pk)
        criteria = form.instance.criteria
        if asked := place_asked(request):
            ordering.swap(
                criteria.filter(retired_at__isnull=True).order_by("position", "id"), asked[1], asked[0]
            )
        if (retired := number_in(request.POST.get("_bring_back"))) is not None:
            criteria.filter(pk=retired).update(retired_at=None, position=ordering.next_position(criteria))

    def pipeline_of(self, obj):
        return obj.pipeline

    def response_post_save_add(self, request, obj):
        return redirect("admin:pipeline_pipeline_change", obj.pipeline_id)

    response_post_save_change = response_post_save_add

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context["retired_criteria"] = obj.criteria.filter(retired_at__isnull=False)
            context["common_timers"] = _timers(obj)
            context["original_asks"] = obj.criteria.filter(retired_at__isnull=True, side="exit").exists()
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self):
        retire = self.admin_site.admin_view(self.retire_view)
        library = self.admin_site.admin_view(library_view)
        own = [
            path("<path:object_id>/retire/", retire, name="pipeline_stage_retire"),
            path("<int:pk>/library/", library, name="pipeline_stage_library"),
        ]
        return [*own, *super().get_urls()]

    def retire_view(self, request, object_id):
        return retire_view(self, request, self.get_object(request, unquote(object_id)))


def _timers(stage):
    rules = stage.pipeline.rules.filter(stage__isnull=True, is_on=True).order_by("days", "id")
    return [in_words(rule) for rule in rules]
