"""Saving publishes: once per request, after the rows that belong to the page are saved."""

import json

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from ..models import Pipeline
from ..process import process_of
from ..publishing import IncompleteProcess, publish

PLACE_BUTTONS = ("_up", "_down", "_bring_back")


def put_in_force(request, pipeline, note):
    """Publish the draft and say what came of it. An incomplete draft stays saved, and the old version in force."""
    before = Pipeline.objects.values_list("version_id", flat=True).get(pk=pipeline.pk)
    try:
        version = publish(pipeline, by=request.user, note=note[:500])
    except IncompleteProcess as incomplete:
        words = _("Saved, but not in force yet: %s") % " ".join(incomplete.problems)
        return messages.error(request, words)
    if version.pk != before:
        words = _("Version %(number)d of “%(name)s” is in force from now on.")
        messages.success(request, words % {"number": version.number, "name": pipeline.name})
    warn_of_open_gates(request, pipeline.pk)


def warn_of_open_gates(request, pipeline_id):
    pipeline = Pipeline.objects.select_related("version").get(pk=pipeline_id)
    for stage in process_of(pipeline).open_gates:
        words = _("Open gate: “%s” has no exit criterion, so every deal may leave it. Add one.")
        messages.warning(request, words % stage.name)


class NoSideDoors:
    """Choices are chosen here; the rows behind them have pages of their own."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for name in ("add", "change", "delete", "view"):
            if hasattr(getattr(field, "widget", None), f"can_{name}_related"):
                setattr(field.widget, f"can_{name}_related", False)
        return field


class PublishesAtOnce(NoSideDoors):
    """A ModelAdmin whose page is part of a process: `pipeline_of(row)` says of which."""

    def construct_change_message(self, request, form, formsets, add=False):
        message = super().construct_change_message(request, form, formsets, add)
        request.published_note = form.cleaned_data.get("note") or _plain(message)
        return message

    def response_add(self, request, obj, post_url_continue=None):
        self._publish(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        self._publish(request, obj)
        if any(name in request.POST for name in PLACE_BUTTONS):
            return HttpResponseRedirect(f"{request.path}#places")
        return super().response_change(request, obj)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _publish(self, request, obj):
        put_in_force(request, self.pipeline_of(obj), getattr(request, "published_note", ""))


def _plain(message):
    return LogEntry(change_message=json.dumps(message)).get_change_message()


def place_asked(request):
    """("up" or "down", row id) that a Move button asks for, else None."""
    for name, direction in (("_up", "up"), ("_down", "down")):
        if request.POST.get(name, "").isdigit():
            return direction, int(request.POST[name][:15])
    return None
