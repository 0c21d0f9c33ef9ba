from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..forms import RuleForm, RuleFormSet
from ..models import Rule


class RuleInline(admin.StackedInline):
    model = Rule
    form = RuleForm
    formset = RuleFormSet
    fields = tuple(RuleForm.base_fields)  # said, so that no form is made four times to find them out
    template = "admin/pipeline/timers.html"
    verbose_name = _("timer")
    verbose_name_plural = _("timers")
    extra = 1
    can_delete = False

    def get_queryset(self, request):
        """Without those a process file dropped, which stay for the record alone."""
        known = super().get_queryset(request).exclude(key__startswith="former-")
        return known.select_related("person", "endpoint").order_by("days", "id")


class PipelineRuleInline(RuleInline):
    def get_queryset(self, request):
        return super().get_queryset(request).filter(stage__isnull=True)


class StageRuleInline(RuleInline):
    fk_name = "stage"
