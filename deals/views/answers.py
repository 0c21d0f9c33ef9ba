"""Keeping answers without moving."""

from django.http import Http404, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from pipeline.process import process_of
from pipeline.vocabulary import Kind
from team.calendar import local_date
from team.digits import number_in
from team.models import Organisation
from team.toasts import toast

from .. import answers as answering
from .. import logging_talks
from ..answers import AnswerErrors
from ..forms import Submission
from ..forms.moving import MOVE_FIELDS
from ..gate import Reading
from ..moves import UnknownTarget
from ..sheets import gate_sheet
from .access import editable_deal
from .gate_context import context_of
from .moves import answer_sheet
from .refusals import named
from .replies import dialog, go_to, in_kind, json_error, wants_json


@require_POST
@in_kind
def answers(request, pk):
    """Save what was ticked and typed; the deal stays where it is."""
    deal = editable_deal(request, pk)
    form = Submission.read(request.POST, request.FILES, MOVE_FIELDS)
    try:
        if form.errors:
            raise AnswerErrors(form.errors)
        deal, reading = save(request, deal, form)
    except AnswerErrors as problems:
        return unreadable(request, deal, form, problems)
    if wants_json(request):
        return JsonResponse(
            {
                "deal": deal.pk,
                "rev": deal.rev,
                "open": [f.criterion_id for f in reading.here() if not f.holds],
            }
        )
    toast(request, saved_words(reading) if gives(form, deal) else nothing_words())
    return go_to(request, address(deal, form))


def save(request, deal, form):
    """What was ticked; a conversation typed beside no tick at all is put on record all the same."""
    process = process_of(deal.pipeline)
    if not gives(form, deal):  # nobody's page is out of date because of it
        return deal, Reading(deal, process, local_date(timezone.now(), Organisation.current()))
    if given := form.given(process):
        return answering.save(deal.pk, given, by=request.user)
    return logging_talks.only_talk(deal.pk, form, by=request.user)


def gives(form, deal):
    """Whether there is anything to put on record; fields of the deal come along empty, too."""
    known = process_of(deal.pipeline).by_criterion
    return bool(form.logs_new) or any(
        item.facts or not _is_field(known.get(item.criterion_id))
        for item in form.given(process_of(deal.pipeline))
    )


def _is_field(definition):
    return definition is not None and definition.kind == Kind.DEAL_FIELD and not definition.needs_buyer


def address(deal, form):
    return reverse("board") if form.text("from") == "board" else reverse("deal", args=[deal.pk])


def saved_words(reading):
    left = sum(not finding.holds for finding in reading.here())
    if not left:
        return _("Saved. Nothing is open here any more.")
    return (
        ngettext("Saved. %d thing is still open here.", "Saved. %d things are still open here.", left) % left
    )


def nothing_words():
    return _("Nothing was answered, so nothing is saved.")


def unreadable(request, deal, form, problems):
    """The same sheet again, with everything typed and the message beside its field."""
    if wants_json(request):
        return json_error("unreadable", _("A field cannot be read."), 422, named(problems.fields))
    form.errors |= problems.fields
    return dialog(request, "gate", context_of(deal, sheet_again(deal, form)), status=422)


def sheet_again(deal, form):
    criterion = form.text("criterion")
    try:
        if criterion:
            return answer_sheet(deal, form, number_in(criterion))
        return gate_sheet(deal, form.text("to"), form, came_from=form.text("from"))
    except UnknownTarget as error:
        raise Http404 from error
