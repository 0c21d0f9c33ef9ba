from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from ..models import ProcessVersion
from .kept import ReadOnly


@admin.register(ProcessVersion)
class VersionAdmin(ReadOnly, admin.ModelAdmin):
    """What was in force when, word for word. Nothing of it can be changed."""

    list_display = ("pipeline", "number", "published_at", "published_by", "note")
    list_filter = ("pipeline",)
    list_select_related = ("pipeline", "published_by")
    fields = ("pipeline", "number", "published_at", "published_by", "note", "as_it_was")
    ordering = ("-published_at",)

    @admin.display(description=_("the process as it was"))
    def as_it_was(self, version):
        return render_to_string(
            "admin/pipeline/as_it_was.html", {"stages": version.snapshot.get("stages", [])}
        )
