"""The publish page of the administration."""

from time import monotonic
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import site
from django.contrib.humanize.templatetags.humanize import intcomma
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pipeline import frequency
from pipeline.drafts import Draft
from pipeline.linting import lint
from pipeline.models import Pipeline
from pipeline.publishing import IncompleteProcess
from team.formats import moment

from ..models import Deal
from ..timers import due_following
from . import force, publication_steps, scheduled
from .effect import effect
from .form import PublishForm
from .timer_effect import changed_timers

KEPT = ("note", "when", "at", "restores")


@require_http_methods(["GET", "HEAD", "POST"])
def publish_view(request, pk):
    """GET shows the effect, of the choices in the address where there are some; POST carries it out."""
    draft = Draft(get_object_or_404(Pipeline, pk=pk))
    if "preview" in request.POST:
        return redirect(f"{request.path}?{_chosen(request.POST)}")
    if request.method == "POST":
        form = PublishForm(draft, request.POST)
        done = not draft.scheduled and form.is_valid() and _carried_out(request, form)
        return redirect("admin:pipeline_pipeline_change", pk) if done else _page(request, draft, form, 422)
    return _page(request, draft, _looked_at(request, draft), 200)


def _chosen(data):
    """What was typed so far, for an address that shows its effect: all but the token and the digest."""
    kept = {name: data[name] for name in data if name in KEPT or name.startswith(("binding_", "gate_"))}
    return urlencode(kept)


def _looked_at(request, draft):
    if not any(name.startswith("binding_") for name in request.GET):
        return PublishForm(draft, initial=_restores(request))
    form = PublishForm(draft, {"when": "now", **request.GET.dict()})
    form.data["digest"] = form.initial["digest"]
    return form


def _restores(request):
    number = request.GET.get("restores", "")
    return {"restores": number} if number.isdecimal() else {}


def _page(request, draft, form, status):
    pipeline = draft.pipeline
    form.is_valid()  # what is chosen so far decides what the effect is
    if request.method != "POST":
        form.errors.clear()
    problems = force.problems_of(pipeline)
    context = {
        **site.each_context(request),
        "title": _("Publish version %(number)d of %(name)s")
        % {"number": draft.next_number, "name": pipeline.name},
        "opts": Pipeline._meta,
        "draft": draft,
        "form": form,
        "problems": problems,
        "findings": lint(pipeline),
        "often": frequency.too_often(pipeline, form.now),
        "restores": force.restored_version(pipeline, form["restores"].value()),
    }
    if draft.version and draft.count and not problems:
        context["effect"] = effect(pipeline, form.binding(), now=form.now)
        context["timers"] = changed_timers(pipeline, Deal.objects.made(), form.now)
    return TemplateResponse(request, "admin/pipeline/pipeline/publish.html", context, status=status)


def _carried_out(request, form):
    """Whether it was published, or scheduled; else the form says why not."""
    try:
        words = _scheduled(request, form) if form.cleaned_data["when"] == "at" else _published(request, form)
    except force.DraftChanged:
        form.add_error(None, _("The draft was edited meanwhile. Look at what it changes now, then publish."))
        form.data = form.data.copy()
        form.data["digest"] = form.initial["digest"]
        return False
    except IncompleteProcess as incomplete:
        form.add_error(None, incomplete.problems)
        return False
    except scheduled.AlreadyScheduled:
        form.add_error(None, _("A publication is scheduled already. Cancel it first."))
        return False
    messages.success(request, words)
    return True


def _published(request, form):
    started = monotonic()
    version = force.put_in_force(
        form.draft.pipeline,
        digest=form.cleaned_data["digest"],
        by=request.user,
        note=form.cleaned_data["note"],
        binding=form.binding(),
        restores=form.cleaned_data["restores"],
        now=form.now,
    )
    words = _("Version %(number)d of “%(name)s” is in force from now on.")
    known = {"number": version.number, "name": version.pipeline.name}
    deals = Deal.objects.live().filter(pipeline=version.pipeline).count()
    counted = ngettext(
        "%(deals)d live deal judged in %(seconds).1f s.",
        "%(deals)d live deals judged in %(seconds).1f s.",
        deals,
    )
    said = f"{words % known} {counted % {'deals': deals, 'seconds': monotonic() - started}}"
    return " ".join(filter(None, [said, what_follows(version.pipeline)]))


def what_follows(pipeline):
    """How far the clocks are that follow a publication; empty where all are set."""
    row = due_following.left().filter(pipeline=pipeline).first()
    if row is None:
        return ""
    words = _(
        "The clocks of %(deals)s deals follow in the next minutes, %(done)s have; no rule archives a deal meanwhile."
    )
    return words % {"deals": intcomma(row.deals), "done": intcomma(row.done)}


def _scheduled(request, form):
    data = form.cleaned_data
    if data["digest"] != form.initial["digest"]:
        raise force.DraftChanged
    if problems := force.problems_of(form.draft.pipeline):
        raise IncompleteProcess(problems)
    row = scheduled.schedule(
        form.draft.pipeline,
        at=data["at"],
        digest=data["digest"],
        by=request.user,
        note=data["note"],
        binding=form.binding(),
        restores=data["restores"],
        now=form.now,
    )
    return _("It will be put in force %s.") % moment(row.at)


@require_safe
def progress_view(request, pk):
    """How far the publication is that somebody waits for. The part of the page asks again until it is replaced."""
    steps = publication_steps.of(get_object_or_404(Pipeline, pk=pk).pk)
    context = {"pipeline_id": pk, "share": steps and 100 * steps[0] // max(1, steps[1])}
    return TemplateResponse(request, "admin/pipeline/pipeline/progress.html", context)


@require_POST
def unschedule_view(request, pk):
    """Call off the publication that waits; the draft stays."""
    pipeline = get_object_or_404(Pipeline, pk=pk)
    if scheduled.unschedule(pipeline, timezone.now()):
        messages.success(request, _("The scheduled publication is cancelled. The draft stays as it is."))
    return redirect("admin:pipeline_pipeline_change", pk)


PAGES = [
    ("<int:pk>/publish/", publish_view, "publish"),
    ("<int:pk>/publishing/", progress_view, "publishing"),
    ("<int:pk>/unschedule/", unschedule_view, "unschedule"),
]
