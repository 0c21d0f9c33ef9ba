"""Today: the page of one's own day, and what is done on it."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from team import formats
from team.toasts import toast

from .. import edits, tasks
from ..edits import Unfit
from ..input.normalise import has_unstorable
from ..models import Task
from ..moves import IllegalMove
from ..today import Today
from .access import editable_deal
from .posted import typed
from .replies import go_to, in_kind


@require_safe
def home(request):
    """Who works on deals begins with the day; who looks after them, with the board."""
    goal = "board" if request.user.is_manager else "today"
    return HttpResponseRedirect(reverse(goal))


@require_safe
def today(request):
    """The whole page."""
    return show(request)


def show(request, refused=None, status=200):
    """`refused`: {row key: what was typed into which of its forms, and what is wrong with it}."""
    asked = {name: request.GET.get(name, "") for name in ("later", "saved")}
    context = {"page": Today(request.user, **asked), "refused": refused or {}}
    return render(request, "deals/today.html", context, status=status)


@require_POST
@in_kind
def done(request, pk):
    """A task of one's own is done, with what came of it."""
    return _task(request, pk, "outcome", "done")


@require_POST
@in_kind
def snooze(request, pk):
    """A task of one's own is put off until a day."""
    return _task(request, pk, "until", "snooze")


def _task(request, pk, field, form):
    task = get_object_or_404(Task.objects.select_related("deal"), pk=pk, assignee=request.user)
    given = typed(request, [field])
    try:
        _storable(given)
        if form == "done":
            changed, words = tasks.finish(task, **given, now=timezone.now()), _("Done: %s") % task.title
        else:
            changed = tasks.snooze(task, **given, now=timezone.now())
            words = _("Put off until %(day)s: %(what)s") % {
                "day": formats.day(task.snoozed_until), "what": task.title,
            }  # fmt: skip
    except Unfit as error:
        return show(request, _refused(f"task-{pk}", form, given, error), 422)
    if changed:
        toast(request, words)
    return back(request)


@require_POST
@in_kind
def next_step(request, pk):
    """A deal of one's own gets a next step again, unless it got one since the page was shown."""
    deal, given = editable_deal(request, pk), typed(request, ["next_step", "next_step_on", "was"])
    was = given.pop("was") or edits.shown(deal, "next_step")
    try:
        _storable(given)
        if not any(text.strip() for text in given.values()):
            raise Unfit({"next_step": _("Say what you agreed on.")})
        edits.change(deal.pk, "next_step", given, by=request.user, rev=None, was=was)
    except edits.StaleEdit as error:
        words = _("Not saved: somebody agreed on “%(step)s” with %(deal)s meanwhile.")
        return _overtaken(request, words % {"step": error.deal.next_step, "deal": deal.name})
    except IllegalMove as error:
        return _overtaken(request, f"{deal.name}: {error}")
    except Unfit as error:
        return show(request, _refused(f"step-{pk}", "done", given, error), 422)
    toast(request, _("Next step saved: %s") % deal.name)
    return back(request)


def _overtaken(request, words):
    """The page as it is now, and why what was sent is not on it."""
    messages.warning(request, words)
    return show(request, status=409)


def _storable(given):
    words = _("This contains a character that cannot be stored.")
    if bad := {name: words for name, text in given.items() if has_unstorable(text)}:
        raise Unfit(bad)


def _refused(key, form, given, error):
    return {key: {"form": form, "typed": given, "errors": error.fields}}


def back(request):
    """The page as it is now: at once for a fragment, which keeps its place, else by its address."""
    return show(request) if request.htmx else go_to(request, reverse("today"))
