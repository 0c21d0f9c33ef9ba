"""Why a move did not happen, as a form that mends it: every open criterion with its field."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.process import process_of
from pipeline.vocabulary import Kind
from team import formats

from .. import moves
from ..evidence.judging import House, weak_part
from ..models import Deal
from ..sheets import gate_sheet
from ..sheets.asks import PAGES
from .access import RELATED
from .gate_context import context_of
from .replies import dialog, json_error, wants_json


def answer(request, pk, form, refusal):
    """The response to a MoveRefused. The deal is read again, since the refused move has rolled back."""
    deal = Deal.objects.select_related(*RELATED).get(pk=pk)
    if isinstance(refusal, moves.NotAllowed):
        raise refusal
    return _ANSWERS[type(refusal)](request, deal, form, refusal)


def gate_closed(request, deal, form, refusal):
    fields = field_errors(form.submission, refusal)
    if wants_json(request):
        count = len(refusal.open_criteria)
        words = ngettext("%d criterion is open.", "%d criteria are open.", count) % count
        return json_error("gate_closed", words, 422, fields, open=open_list(deal, refusal))
    return sheet_reply(request, deal, form, 422, refusal=refusal)


def missing_input(request, deal, form, refusal):
    if wants_json(request):
        fields = {name: str(words) for name, words in refusal.fields.items()}
        return json_error("missing_input", refusal, 422, fields, **_choices(fields))
    return sheet_reply(request, deal, form, 422, missing=refusal.fields)


def _choices(fields):
    """What a missing field may hold, where that is a list of ours."""
    if "loss_reason" not in fields:
        return {}
    return {"choices": {"loss_reason": list(moves.offered_reasons().values_list("name", flat=True))}}


def unknown_target(request, deal, form, refusal):
    if wants_json(request):
        return json_error("unknown_target", refusal, 422, {"to": str(refusal)})
    conflict = {"title": _("It cannot go there"), "text": str(refusal)}
    return dialog(request, "conflict", {"deal": deal, "conflict": conflict}, status=422)


def unreadable(request, deal, form):
    """Something typed cannot be read at all; nothing was tried."""
    if wants_json(request):
        return json_error("unreadable", _("A field cannot be read."), 422, named(form.errors))
    try:
        return sheet_reply(request, deal, form, 422)
    except moves.UnknownTarget as refusal:
        return unknown_target(request, deal, form, refusal)


def illegal(request, deal, form, refusal):
    if wants_json(request):
        return json_error("illegal_move", refusal, 409, state=state_words(deal))
    conflict = {"title": _("Not from here"), "text": str(refusal), "reopen": not deal.is_live}
    return dialog(request, "conflict", {"deal": deal, "conflict": conflict}, status=409)


def stale(request, deal, form, refusal):
    """Somebody was first: who, when, what it is now. The answers typed are kept where they still fit."""
    conflict = conflict_words(deal, refusal.last)
    if wants_json(request):
        return json_error("stale", f"{conflict['title']} {conflict['text']}", 409, state=state_words(deal))
    try:
        sheet = gate_sheet(deal, form.to, form.submission, came_from=form.came_from)
    except moves.UnknownTarget:
        sheet = None
    if sheet is None or not fits(sheet):
        return dialog(request, "conflict", {"deal": deal, "conflict": conflict}, status=409)
    return dialog(request, "gate", context_of(deal, sheet, conflict=conflict), status=409)


def fits(sheet):
    """Whether the move still makes sense from where the deal stands now."""
    return sheet.deal.is_live and sheet.kind in ("advance", "won", "lost", "archived", "paused")


def sheet_reply(request, deal, form, status, **details):
    sheet = gate_sheet(deal, form.to, form.submission, came_from=form.came_from, **details)
    return dialog(request, "gate", context_of(deal, sheet), status=status)


def conflict_words(deal, last):
    """ "Jonas Lindqvar moved it from Present to Propose, today, 15:20." """
    who = str(last.actor) if last and last.actor else _("Headgate")
    words = _("%(who)s changed this deal %(when)s: %(what)s.") % {
        "who": who,
        "when": formats.moment(last.recorded_at) if last else "",
        "what": last.get_kind_display().lower() if last else "",
    }
    now = _("It is in %(stage)s now, %(status)s. Nothing of yours was saved; what you typed is kept.") % {
        "stage": deal.stage,
        "status": deal.get_status_display().lower(),
    }
    return {"title": words, "text": now}


def state_words(deal):
    return {"stage": deal.stage_id, "status": deal.status, "seq": deal.seq}


def field_errors(submission, refusal):
    """{field name: message} of typed answers that could not be stored."""
    return named(refusal.errors)


def named(errors):
    return {_field(*key) if isinstance(key, tuple) else key: str(text) for key, text in errors.items()}


def _field(criterion_id, part):
    return f"c{criterion_id}_{part}" if part else f"c{criterion_id}"


def open_list(deal, refusal):
    """Every open criterion, machine readable, with the field that mends it."""
    house = House.current()
    names = {stage.stage_id: stage.name for stage in process_of(deal.pipeline).stages}
    return [
        {
            "criterion": finding.criterion_id,
            "slug": finding.definition.slug,
            "label": finding.definition.label,
            "stage": names.get(finding.definition.stage_id, ""),
            "kind": finding.definition.kind,
            "evidence": finding.definition.evidence,
            "why": finding.why,
            "field": mending_field(finding, house),
            **page_of(finding, deal),
        }
        for finding in refusal.open_criteria
    ]


def page_of(finding, deal):
    """Where a script asks for an approval or settles an objection."""
    known = PAGES.get(finding.definition.kind)
    return {"page": reverse(known[0], args=[deal.pk])} if known else {}


def mending_field(finding, house):
    """The name of the form field that would mend it."""
    definition, answer = finding.definition, finding.answer
    if answer is not None and not answer.opens:
        return _field(finding.criterion_id, weak_part(answer, definition, house))
    if definition.kind == Kind.FILE_OR_LINK:
        return _field(finding.criterion_id, "file")
    if definition.kind == Kind.ACTIVITY:
        return "conversation_by"
    if definition.kind == Kind.DEAL_FIELD:
        return _field(
            finding.criterion_id, definition.deal_field_list[0] if definition.deal_field_list else ""
        )
    return _field(finding.criterion_id, "")


_ANSWERS = {
    moves.GateClosed: gate_closed,
    moves.MissingInput: missing_input,
    moves.UnknownTarget: unknown_target,
    moves.IllegalMove: illegal,
    moves.StaleDeal: stale,
}
