"""Putting a conversation on record: what was said, what it confirmed, what comes next, in one page."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pipeline.process import process_of
from team.digits import number_in
from team.toasts import toast

from .. import answers as answering
from .. import logging_talks
from ..answers import AnswerErrors
from ..edits import Unfit
from ..forms import Malformed
from ..models import Answer
from ..sheets.sheet import Sheet
from . import talk_form
from .access import editable_deal
from .replies import go_to, in_kind

FIELDS = {
    "kind",
    "direction",
    "who",
    "happened_on",
    "said",
    "subject",
    "expects_answer",
    "is_auto",
    "next_step",
    "next_step_on",
}


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def log(request, pk):
    """The form; POST stores the conversation, its answers and the next step together, or nothing."""
    deal = editable_deal(request, pk)
    form, people, _file = talk_form.read(request, FIELDS)
    if request.method != "POST":
        return show(request, deal, form, people)
    return save(request, deal, form, people)


def save(request, deal, form, people):
    try:
        if form.errors:
            raise Unfit(talk_form.problems(form))
        changed, reading = logging_talks.save(deal.pk, form, people, by=request.user)
    except Unfit as error:
        return show(request, deal, form, people, error.fields)
    except AnswerErrors as error:
        form.errors |= error.fields
        return show(request, deal, form, people, {"": _("Not saved yet: look at what is marked below.")})
    left = sum(not finding.holds for finding in reading.here())
    toast(
        request,
        _("Saved. Nothing is open here any more.") if not left else _("Saved. %d still open here.") % left,
    )
    return go_to(request, reverse("deal", args=[changed.pk]))


def show(request, deal, form, people, errors=None):
    process = process_of(deal.pipeline)
    sheet = Sheet(deal, process, "", "answers", form)
    context = {
        "deal": deal, "sheet": sheet, "form": form, "errors": errors or {}, "chosen": people,
        "asks": [ask for ask in sheet.asks if ask.is_tapped and ask.definition.kind != "next_step"],
        "step": next((ask for ask in sheet.asks if ask.definition.kind == "next_step"), None),
        "kinds": logging_talks.kinds(form.text("kind")), "kind": form.text("kind") or "meeting",
        "direction": form.text("direction"), "today": sheet.today.isoformat(),
        "known": [p for p in sheet.people if p.on_map] or sheet.people[:6],
    }  # fmt: skip
    return render(request, "deals/log.html", context, status=422 if errors else 200)


@require_POST
@in_kind
def still_true(request, pk, criterion_id):
    """Renew a proof from a later conversation, in one tap."""
    deal = editable_deal(request, pk)
    conversation = number_in(request.POST.get("conversation"))
    if conversation is None:
        raise Malformed(_("Choose a conversation after the last proof."))
    try:
        answering.still_true(deal.pk, criterion_id, activity_id=conversation, by=request.user)
        toast(request, _("Renewed."))
    except (AnswerErrors, Answer.DoesNotExist) as error:
        raise Malformed(_("Choose a conversation after the last proof.")) from error
    return go_to(request, reverse("deal", args=[deal.pk]))
