from django.contrib import admin, messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import ordering
from ..documents import ProcessError, read, write
from ..forms import PipelineForm, TemplateForm, UploadForm
from ..linting import lint
from ..loading import document_of, load
from ..models import Pipeline
from .kept import KeptOnceUsed
from .rules import PipelineRuleInline
from .saving import EditsDraft, place_asked, warn_of_open_gates
from .steps import discard_view, restore_view


@admin.register(Pipeline)
class PipelineAdmin(KeptOnceUsed, EditsDraft, admin.ModelAdmin):
    # (route, view(request, pk), name) of pages about a pipeline that need to know its deals; deals add theirs.
    more_pages = []
    # Functions that give words on a pipeline for its page, or none.
    more_notes = []

    form = PipelineForm
    inlines = (PipelineRuleInline,)
    instead = gettext_lazy("Untick “in use” instead: no new deal goes that way, and those in it go on.")
    list_display = ("name", "in_force", "stage_count", "process_owner", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("version", "process_owner")
    search_fields = ("name",)
    readonly_fields = ("reviewed_on",)
    change_form_template = "admin/pipeline/pipeline/change_form.html"
    fieldsets = (
        (None, {
            "description": gettext_lazy("Name, owner and which deals go this way count once saved."),
            "fields": ("name", "process_owner", "use_when", "is_active"),
        }),
        (gettext_lazy("Which deals are proposed this process"), {
            "fields": (("amount_min", "amount_max"), "deal_types", "buyer_profile"),
        }),
        (gettext_lazy("The buyer"), {"fields": ("buying_journey",)}),
        (gettext_lazy("When a deal ends"), {
            "classes": ("collapse",),
            "fields": ("lost_reasons", "disqualified_reasons"),
        }),
        (gettext_lazy("Review"), {"fields": ("review_every_days", "reviewed_on")}),
    )  # fmt: skip

    def get_queryset(self, request):
        in_use = Count("stages", filter=Q(stages__retired_at__isnull=True))
        return super().get_queryset(request).annotate(stages_in_use=in_use)

    @admin.display(description=gettext_lazy("in force"))
    def in_force(self, pipeline):
        return _("version %d") % pipeline.version.number if pipeline.version else _("not yet")

    @admin.display(description=gettext_lazy("stages"))
    def stage_count(self, pipeline):
        return pipeline.stages_in_use

    def get_changeform_initial_data(self, request):
        return {"process_owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def save_model(self, request, obj, form, change):
        if not change:
            obj.position = ordering.next_position(Pipeline.objects)
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if change and (asked := place_asked(request)):
            ordering.swap(form.instance.stages.current(), asked[1], asked[0])

    def pipeline_of(self, obj):
        return obj

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            counted = Count("criteria", filter=Q(criteria__retired_at__isnull=True, criteria__side="exit"))
            context["stages"] = obj.stages.current().select_related("owner_role").annotate(asks=counted)
            context["findings"] = lint(obj)
            context["notes"] = [words for note in self.more_notes if (words := note(obj))]
            context["retired"] = obj.stages.filter(retired_at__isnull=False)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self):
        own = [
            path("new/", self.admin_site.admin_view(self.new_view), name="pipeline_pipeline_new"),
            path(
                "<int:pk>/export/",
                self.admin_site.admin_view(self.export_view),
                name="pipeline_pipeline_export",
            ),
            *(
                path(route, self.admin_site.admin_view(view), name=f"pipeline_pipeline_{name}")
                for route, view, name in [*OWN_PAGES, *self.more_pages]
            ),
        ]
        return own + super().get_urls()

    def new_view(self, request):
        """From a shipped template, or from a file: two forms, told apart by their button."""
        template = TemplateForm(*_given(request, "from_template"), initial={"process_owner": request.user.pk})
        upload = UploadForm(*_given(request, "from_file"), initial={"process_owner": request.user.pk})
        for form in (template, upload):
            if form.is_bound and form.is_valid() and (pipeline := self._load(request, form)):
                return redirect("admin:pipeline_pipeline_change", pipeline.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("New pipeline"),
            "opts": self.opts,
            "template_form": template,
            "upload_form": upload,
        }
        refused = template.errors or upload.errors
        return TemplateResponse(
            request, "admin/pipeline/pipeline/new.html", context, status=422 if refused else 200
        )

    def _load(self, request, form):
        """A new process is put in force at once; one that is in force gets the file as its draft."""
        owner, document = form.cleaned_data["process_owner"], form.cleaned_data["document"]
        is_new = not Pipeline.objects.filter(slug=document.slug, version__isnull=False).exists()
        try:
            pipeline = load(document, by=request.user, owner=owner, publish=is_new, note=_("Loaded"))
        except ProcessError as error:
            form.add_error(None, error.problems)
            return None
        words = _("“%s” is ready and in force. Change here what is different with you.")
        if not is_new:
            words = _("The file is the draft of “%s” now. Look at what it changes, then publish.")
        link = format_html(
            '<a href="{}">{}</a>', reverse("process", args=[pipeline.slug]), _("See the process")
        )
        messages.success(request, format_html("{} {}", words % pipeline.name, link))
        warn_of_open_gates(request, pipeline)
        return pipeline

    def export_view(self, request, pk):
        pipeline = get_object_or_404(Pipeline, pk=pk)
        try:
            text = write(document_of(pipeline))
            read(text, name=pipeline.slug)  # whatever leaves can also come in
        except ProcessError as error:
            messages.error(request, _("Not exported: %s") % " ".join(error.problems))
            return redirect("admin:pipeline_pipeline_change", pk)
        answer = HttpResponse(text, content_type="application/toml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{pipeline.slug}.toml"'
        return answer


OWN_PAGES = [
    ("<int:pk>/discard/", discard_view, "discard"),
    ("<int:pk>/restore/<int:number>/", restore_view, "restore"),
]


def _given(request, button):
    return (request.POST, request.FILES) if request.method == "POST" and button in request.POST else ()
