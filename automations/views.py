"""Pages of the engine: how it stands, what it did, what it asks, and taking a firing back."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from deals import moves
from deals.models import Firing
from deals.timers import firing_words
from deals.views.access import visible_deal
from deals.views.replies import go_to, in_kind, is_script
from team.digits import number_in
from team.toasts import toast

from . import holds, operations, undoing

PAGE = 50


@require_safe
def index(request):
    """How the engine stands; managers see what waits for their word, admins everything."""
    if not request.user.is_manager:
        raise PermissionDenied
    now = timezone.now()
    context = {
        "held": operations.held(), "asked": [_shown(f) for f in operations.asked(request.user)[:PAGE]],
        "lines": operations.rule_lines(now), "health": operations.health(now), "now": now,
        "setbacks": operations.setbacks() if request.user.is_admin else [],
    }  # fmt: skip
    return render(request, "automations/operations.html", context)


@require_safe
def firings(request):
    """What the rules did to the deals one sees, newest first, each with its reason."""
    beside = ["deal", "definition__stage", "ended_by", "task", "mail_draft"]
    found = Firing.objects.visible_to(request.user).select_related(*beside)
    rule = number_in(request.GET.get("rule"))
    if rule is not None:
        found = found.filter(definition__rule=rule)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    rows = [
        _shown(row, moves.may_edit(request.user, row.deal) and row.can_be_undone(row.deal, now))
        for row in page
    ]
    return render(request, "automations/firings.html", {"page": page, "rows": rows, "rule": rule})


def _shown(firing, can_undo=False):
    return {
        "firing": firing, "deal": firing.deal, "can_undo": can_undo,
        "why": firing_words.why(firing.definition, firing.since, due_on=timezone.localdate(firing.due_at)),
    }  # fmt: skip


@require_POST
@in_kind
def release(request, pk):
    """Let go what was held; the next tick goes on."""
    if not request.user.is_manager:
        raise moves.NotAllowed(_("A manager decides this."))
    if holds.release(pk, by=request.user, now=timezone.now()):
        toast(request, _("Released. The next minute goes on with it."))
    return go_to(request, reverse("operations"))


@require_POST
@in_kind
def undo(request, pk):
    """Take back what a rule did."""
    firing = get_object_or_404(Firing.objects.visible_to(request.user), pk=pk)
    try:
        deal = undoing.undo(firing.pk, by=request.user, now=timezone.now())
    except moves.IllegalMove as refusal:
        return _refused(request, firing.deal_id, str(refusal))
    if is_script(request):
        return JsonResponse({"firing": pk, "state": "undone", "deal": deal.pk, "status": deal.status})
    toast(request, _("Undone: %s") % deal)
    return go_to(request, reverse("deal", args=[deal.pk]))


def _refused(request, deal_id, words):
    if is_script(request):
        return JsonResponse({"error": {"code": "illegal", "message": words}}, status=409)
    toast(request, words)
    return go_to(request, reverse("deal", args=[deal_id]))


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def archive_decision(request, pk, firing_id):
    """A manager's word on an archive a rule asks for: archive, or keep until a day."""
    deal = visible_deal(request, pk)
    if not undoing.may_decide(request.user, deal):
        raise moves.NotAllowed(_("A manager of the team decides this."))
    firing = get_object_or_404(deal.firings.select_related("definition", "ended_by"), pk=firing_id)
    if request.method != "POST":
        return _decision_page(request, deal, firing, {}, {}, 200)
    typed = {name: request.POST.get(name, "") for name in ("decision", "kept_until", "reason")}
    if typed["decision"] not in ("archive", "keep"):
        return _decision_page(request, deal, firing, typed, {"decision": _("Choose one of the two.")}, 422)
    try:
        undoing.decide(
            firing.pk, by=request.user, archive=typed["decision"] == "archive", kept_until=typed["kept_until"],
            reason=typed["reason"], now=timezone.now(),
        )  # fmt: skip
    except undoing.Undecided as refusal:
        return _decision_page(request, deal, firing, typed, refusal.fields, 422)
    except moves.IllegalMove as refusal:
        return _refused(request, deal.pk, str(refusal))
    toast(request, _("Archived.") if typed["decision"] == "archive" else _("Kept."))
    return go_to(request, reverse("operations"))


def _decision_page(request, deal, firing, typed, errors, status):
    context = {"deal": deal, "typed": typed, "errors": errors, **_shown(firing)}
    return render(request, "automations/archive_decision.html", context, status=status)
