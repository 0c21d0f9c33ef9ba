"""Saving edits the draft. What is in force stays in force until somebody publishes."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _

from team.digits import number_in

from ..drafts import Draft
from ..shown import state_of

PLACE_BUTTONS = ("_up", "_down", "_bring_back")


def warn_of_open_gates(request, pipeline):
    for stage in Draft(pipeline).open_gates:
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


class EditsDraft(NoSideDoors):
    """A ModelAdmin whose page is part of a process: `pipeline_of(row)` says of which."""

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.shown = request.POST.get("_shown", "")
        return form

    def response_add(self, request, obj, post_url_continue=None):
        warn_of_open_gates(request, self.pipeline_of(obj))
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        warn_of_open_gates(request, self.pipeline_of(obj))
        answer = super().response_change(request, obj)
        if any(name in request.POST for name in PLACE_BUTTONS):
            return HttpResponseRedirect(f"{request.path}#places")
        return answer

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["show_save_and_add_another"] = False
        if obj is not None and (pipeline := self.pipeline_of(obj)):
            context["draft"] = Draft(pipeline)
            context["shown"] = state_of(obj, self.form.shows)
        return super().render_change_form(request, context, add, change, form_url, obj)


def place_asked(request):
    """("up" or "down", row id) that a Move button asks for, else None."""
    for name, direction in (("_up", "up"), ("_down", "down")):
        if (pk := number_in(request.POST.get(name))) is not None:
            return direction, pk
    return None
