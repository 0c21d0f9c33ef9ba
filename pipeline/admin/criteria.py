from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ..forms import CriterionForm, CriterionFormSet
from ..models import Criterion
from .kept import KeptOnceUsed


class CriterionInline(admin.StackedInline):
    model = Criterion
    form = CriterionForm
    formset = CriterionFormSet
    fields = tuple(CriterionForm.base_fields)  # said, so that no form is made four times to find them out
    template = "admin/pipeline/criteria.html"
    can_delete = False
    max_num = 30

    def get_queryset(self, request):
        return super().get_queryset(request).filter(retired_at__isnull=True).order_by("position", "id")

    def get_extra(self, request, obj=None, **kwargs):
        return 1 if obj and obj.criteria.filter(retired_at__isnull=True).exists() else 3


@admin.register(Criterion)
class CriterionAdmin(KeptOnceUsed, admin.ModelAdmin):
    """Every criterion in one list, to find one; it is edited on the page of its stage."""

    instead = _("Retire it instead: it is asked no more, and what was answered stays.")
    list_display = ("label", "stage", "pipeline", "side", "kind", "needs_buyer", "evidence", "in_use")
    list_filter = ("stage__pipeline", "side", "kind", "needs_buyer", "evidence")
    list_select_related = ("stage__pipeline",)
    search_fields = ("label", "why")

    @admin.display(description=_("pipeline"), ordering="stage__pipeline")
    def pipeline(self, criterion):
        return criterion.stage.pipeline

    @admin.display(description=_("asked"), boolean=True)
    def in_use(self, criterion):
        return criterion.retired_at is None and criterion.stage.retired_at is None

    def has_add_permission(self, request):
        return False

    def change_view(self, request, object_id, form_url="", extra_context=None):
        criterion = self.get_object(request, unquote(object_id))
        if criterion is None:
            raise Http404
        stage = reverse("admin:pipeline_stage_change", args=[criterion.stage_id])
        return redirect(f"{stage}#criterion-{criterion.pk}")
