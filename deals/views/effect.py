"""What a process that is not in force yet would do: to which deals, and whom other timers would reach."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pipeline.drafts import Draft
from pipeline.models import Pipeline
from team.models import Organisation

from ..models import Deal
from ..publishing import what_if
from ..publishing.effect import effect as effect_of
from ..publishing.form import PublishForm
from ..publishing.timer_effect import changed_timers, largest_first

PAGE_SIZE = 50


def _pipeline_for(request, slug):
    """Of a process that is in force, for who answers for a team."""
    if not (request.user.is_admin or request.user.is_manager):
        raise PermissionDenied(_("Only managers and admins look at what a change of the process would do."))
    return get_object_or_404(Pipeline.objects.select_related("version"), slug=slug, version__isnull=False)


@require_safe
def effect(request, slug):
    """The deals that the draft would make claimed, or proven, if it were published now with these choices."""
    draft = Draft(_pipeline_for(request, slug))
    if "timer" in request.GET:
        return _timer(request, draft)
    form = PublishForm(draft, request.GET)
    form.is_valid()
    found = effect_of(draft.pipeline, form.binding(), among=Deal.objects.visible_to(request.user))
    becoming = "proven" if request.GET.get("becoming") == "proven" else "claimed"
    context = {
        "draft": draft,
        "effect": found,
        "becoming": becoming,
        "page": Paginator(found.deals(becoming), PAGE_SIZE).get_page(request.GET.get("page")),
        "currency": Organisation.current().currency,
    }
    return render(request, "deals/effect/deals.html", context)


def _timer(request, draft):
    """The deals behind one line of the draft's timers."""
    found = changed_timers(draft.pipeline, Deal.objects.visible_to(request.user), timezone.now())
    timer = {str(number): timer for number, timer in enumerate(found, 1)}.get(request.GET["timer"])
    if timer is None:
        raise Http404
    later = request.GET.get("becoming") == "later"
    deals = largest_first(timer.no_longer() if later else timer.newly())
    context = {
        "draft": draft,
        "timer": timer,
        "later": later,
        "reached": timer.fewer if later else timer.more,
        "page": Paginator(deals, PAGE_SIZE).get_page(request.GET.get("page")),
        "currency": Organisation.current().currency,
    }
    return render(request, "deals/effect/timer.html", context)


@require_safe
def timers(request, slug):
    """Whom the card's rules would reach today with other days."""
    pipeline = _pipeline_for(request, slug)
    form = what_if.DaysForm(pipeline, request.GET or None)
    deals = Deal.objects.visible_to(request.user)
    rows = what_if.rows(pipeline, form.days(), deals, timezone.now())
    context = {"pipeline": pipeline, "form": form, "rows": rows, "currency": Organisation.current().currency}
    return render(request, "deals/effect/timers.html", context, status=422 if form.errors else 200)
