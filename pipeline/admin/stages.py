from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import ordering, retiring
from ..forms import StageForm
from ..forms.rule import in_words
from ..forms.stage import PLAYBOOK
from ..models import Pipeline, Stage
from .criteria import CriterionInline
from .kept import KeptOnceUsed
from .rules import StageRuleInline
from .saving import PublishesAtOnce, place_asked, put_in_force


@admin.register(Stage)
class StageAdmin(KeptOnceUsed, PublishesAtOnce, admin.ModelAdmin):
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
            ("qualifies", "counts_as_pipeline"),
        )}),
        (gettext_lazy("Playbook"), {"classes": ("collapse",), "fields": PLAYBOOK}),
        (gettext_lazy("For the record"), {"fields": ("note",)}),
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
        criteria = form.instance.criteria
        if asked := place_asked(request):
            ordering.swap(
                criteria.filter(retired_at__isnull=True).order_by("position", "id"), asked[1], asked[0]
            )
        if request.POST.get("_bring_back", "").isdigit():
            criteria.filter(pk=int(request.POST["_bring_back"][:15])).update(
                retired_at=None, position=ordering.next_position(criteria)
            )

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
        return [path("<path:object_id>/retire/", retire, name="pipeline_stage_retire"), *super().get_urls()]

    def retire_view(self, request, object_id):
        """Ask, then take the stage out of the process; or bring a retired one back."""
        stage = self.get_object(request, unquote(object_id))
        if stage is None:
            raise Http404
        if request.method == "POST" and self._retired(request, stage):
            return redirect("admin:pipeline_pipeline_change", stage.pipeline_id)
        held = 0 if stage.retired_at else retiring.live_deals(stage)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Bring “%s” back") % stage if stage.retired_at else _("Retire “%s”") % stage,
            "stage": stage,
            "held": held,
            "opts": self.opts,
        }
        status = 409 if request.method == "POST" else 200
        return TemplateResponse(request, "admin/pipeline/stage/retire.html", context, status=status)

    @transaction.atomic
    def _retired(self, request, stage):
        Pipeline.objects.select_for_update().get(pk=stage.pipeline_id)
        try:
            note = _retire_or_bring_back(stage)
        except retiring.StillHeld as held:
            words = ngettext(
                "%d live deal stands in this stage. Move it first.",
                "%d live deals stand in this stage. Move them first.",
                held.count,
            )
            messages.error(request, words % held.count)
            return False
        self.log_change(request, stage, note)
        put_in_force(request, stage.pipeline, note)
        return True


def _retire_or_bring_back(stage):
    """What was done, in words."""
    if stage.retired_at:
        retiring.bring_back(stage)
        return _("Stage “%s” is back") % stage.name
    retiring.retire(stage)
    return _("Stage “%s” retired") % stage.name


def _timers(stage):
    rules = stage.pipeline.rules.filter(stage__isnull=True, is_on=True).order_by("days", "id")
    return [in_words(rule) for rule in rules]
