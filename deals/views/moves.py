"""Moving a deal: the gate's dialog, and the one endpoint that moves."""

from django.db import transaction
from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pipeline.process import process_of
from team.digits import number_in
from team.toasts import toast

from .. import moves
from ..forms import MoveForm, Submission
from ..forms.moving import MOVE_FIELDS
from ..learning import rivals
from ..models import Status
from ..sheets import gate_sheet
from ..sheets.sheet import Sheet
from . import board, refusals
from .access import editable_deal, visible_deal
from .gate_context import context_of
from .replies import dialog, go_to, in_kind, is_script


@require_POST
@in_kind
def move(request, pk):
    """Move as the form says. 200 (a browser: 303), or a refusal: 422, 409, 403, 404, 400."""
    deal = editable_deal(request, pk)
    form = MoveForm(request.POST, request.FILES)
    process = process_of(deal.pipeline)
    if form.errors:
        return refusals.unreadable(request, deal, form)
    before = deal.stage_id
    try:
        moved = _moved(pk, form, by=request.user, deal=deal, **form.arguments(process))
    except moves.MoveRefused as refusal:
        return refusals.answer(request, pk, form, refusal)
    return moved_answer(request, deal, moved, before, form)


def _moved(pk, form, *, by, **arguments):
    """The deal after its move; one that is lost to a competitor keeps whom, in the same transaction."""
    competitor = rivals.winner(form.submission.text("competitor")) if form.to == "lost" else None
    if competitor is None:
        return moves.move(pk, form.to, by=by, **arguments)
    with transaction.atomic():
        moved = moves.move(pk, form.to, by=by, **arguments)
        rivals.lost_to(moved, competitor, by=by, now=timezone.now())
    return moved


def moved_answer(request, deal, moved, from_stage_id, form):
    """What the mover sees of a move that happened. `deal` is as it was read, `moved` as it is now."""
    if is_script(request):
        return JsonResponse(state_of(moved))
    words = told(moved, process_of(deal.pipeline), from_stage_id)
    undo_url = "" if form.to == "undo" else reverse("move", args=[moved.pk])
    origin = {"from": form.came_from} if form.came_from else {}
    toast(request, words, undo_url=undo_url, to="undo", seen_seq=moved.seq, **origin)
    if form.came_from == "board":
        return back_to_board(request, moved, from_stage_id)
    return go_to(request, reverse("deal", args=[moved.pk]))


def back_to_board(request, moved, from_stage_id):
    """The columns that changed, or the board of the deal's own pipeline."""
    if request.htmx:
        return board.moved_response(request, moved, from_stage_id)
    return go_to(request, reverse("board_of", args=[moved.pipeline.slug]))


def state_of(deal):
    """Where a deal stands, for scripts."""
    return {"deal": deal.pk, "stage": deal.stage_id, "status": deal.status, "seq": deal.seq, "rev": deal.rev}


def told(deal, process, from_stage_id):
    """The same verb before and after: "Move to Propose" is "moved to Propose"."""
    if deal.status != Status.OPEN:
        return _("%(deal)s: %(status)s.") % {"deal": deal.name, "status": deal.get_status_display().lower()}
    if deal.stage_id == from_stage_id or deal.stage_id not in process:
        return _("%s is open again.") % deal.name
    return _("%(deal)s moved to %(stage)s.") % {"deal": deal.name, "stage": process.stage(deal.stage_id).name}


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def gate(request, pk):
    """The dialog without moving. POST carries what was typed so far, and changes nothing."""
    deal = visible_deal(request, pk)
    data = request.POST if request.method == "POST" else request.GET
    form = Submission.read(data, request.FILES, MOVE_FIELDS)
    sheet = asked_sheet(deal, form)
    if request.htmx.trigger_name == "conversation":
        return fragment(request, deal, sheet)
    return dialog(request, "gate", context_of(deal, sheet))


def asked_sheet(deal, form):
    """The sheet that `to` or `criterion` asks for; another conversation unticks what the last one answered."""
    criterion = form.text("criterion")
    details = {"came_from": form.text("from")}
    try:
        if criterion:
            return answer_sheet(deal, form, number_in(criterion), **details)
        return gate_sheet(deal, form.text("to"), form, **details)
    except moves.UnknownTarget as error:
        raise Http404 from error


def answer_sheet(deal, form, criterion_id, **details):
    """One criterion to answer, without a move."""
    process = process_of(deal.pipeline)
    if criterion_id not in process.by_criterion:
        raise Http404
    return Sheet(deal, process, "", "answers", form, only=criterion_id, **details)


def fragment(request, deal, sheet):
    """The taps for another conversation: only what attendance answers is ticked."""
    sheet.form.untick()
    return render(request, "deals/gate/asks.html", context_of(deal, sheet))
