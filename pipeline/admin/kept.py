"""What others point to is kept: deleting it is refused with the numbers, in plain words."""

from django.contrib.admin.utils import unquote
from django.db.models import PROTECT
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _


def uses_of(row):
    """[(how many, what)] of the rows that point to this one and would be left without it."""
    counts = {}
    for pointing in _pointing_to(row):
        name = str(pointing.model._meta.verbose_name_plural)
        counts[name] = counts.get(name, 0) + pointing.count()
    return [(count, name) for name, count in counts.items() if count]


def is_used(row):
    """The same without counting, which takes long where very many do."""
    return any(pointing.exists() for pointing in _pointing_to(row))


def _pointing_to(row):
    for relation in row._meta.get_fields(include_hidden=True):
        if relation.one_to_many and getattr(relation, "on_delete", None) is PROTECT:
            yield relation.related_model._base_manager.filter(**{relation.field.name: row.pk})


class KeptOnceUsed:
    """A ModelAdmin whose rows can be deleted only while nothing points to them."""

    instead = ""

    def delete_view(self, request, object_id, extra_context=None):
        row = self.get_object(request, unquote(object_id))
        if row is not None and self.has_delete_permission(request, row) and (uses := uses_of(row)):
            return self._refused(request, row, uses)
        return super().delete_view(request, object_id, extra_context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and is_used(obj):
            context["show_delete"] = False
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _refused(self, request, row, uses):
        context = {
            **self.admin_site.each_context(request),
            "title": _("“%s” stays") % row,
            "row": row,
            "uses": uses,
            "instead": self.instead,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/pipeline/in_use.html", context, status=409)


class ReadOnly:
    """A ModelAdmin that shows and does nothing else."""

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
