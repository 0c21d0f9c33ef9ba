"""After a meeting, on a phone: who was there, what they confirmed, a sentence, what comes next. Kept without signal."""

import uuid
from datetime import timedelta

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pipeline.process import process_of
from pipeline.vocabulary import Evidence, Kind
from team.calendar import local_date

from .. import logging_talks
from ..answers import AnswerErrors
from ..edits import Unfit
from ..models import TALKS, ActivityKind
from ..sheets.sheet import Sheet
from . import talk_form
from .access import editable_deal
from .replies import go_to, in_kind

FIELDS = {"kind", "who", "said", "step", "next_step", "next_step_on", "happened_on"}
KINDS = [kind for kind in TALKS if kind != ActivityKind.EVALUATION]
STEPS = ("own", "week", "pick", "")
WEEK = timedelta(days=7)


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def just_now(request, pk):
    """The form; POST stores it all or nothing, and the same form once, however often it comes."""
    deal = editable_deal(request, pk)
    form, people, _file = talk_form.read(request, FIELDS)
    if request.method != "POST":
        return show(request, deal, form, people)
    try:
        if bad := talk_form.problems(form):
            raise Unfit(bad)
        _next_step(deal, form)
        logging_talks.save(deal.pk, form, people, by=request.user)
    except Unfit as error:
        return show(request, deal, form, people, error.fields)
    except AnswerErrors as error:
        form.errors |= error.fields
        return show(request, deal, form, people, {"": _("Not saved yet: look at what is marked below.")})
    return go_to(request, f"{reverse('today')}?saved={form.fields['conversation']}")


def _next_step(deal, form):
    """What was chosen, as the log of a conversation takes it; the buyer agreed to it in this meeting."""
    chosen = form.text("step")
    if chosen not in STEPS:
        raise Unfit({"next_step": _("Choose what comes next.")})
    if chosen in ("own", "week"):
        form.fields["next_step"] = form.text("next_step") if chosen == "week" else deal.next_step
        day = deal.next_step_on if chosen == "own" else local_date(timezone.now()) + WEEK
        form.fields["next_step_on"] = day.isoformat() if day else ""
    if chosen == "pick" and not (form.text("next_step") or form.text("next_step_on")):
        raise Unfit({"next_step": _("Say what you agreed on, or choose none yet.")})
    if not chosen:
        form.fields["next_step"] = form.fields["next_step_on"] = ""
    process = process_of(deal.pipeline)
    here = process.exit_criteria(deal.stage_id) if chosen and deal.stage_id in process else []
    for definition in here:
        if definition.kind == Kind.NEXT_STEP:
            form.typed[definition.criterion_id, "asked"] = form.typed[definition.criterion_id, "tick"] = "1"


def _said_aloud(definition):
    """What a conversation can confirm: no document, and the next step has a place of its own."""
    written = definition.kind == Kind.FILE_OR_LINK or definition.evidence in (Evidence.OWN, Evidence.FILE)
    return not written and definition.kind != Kind.NEXT_STEP


def show(request, deal, form, people, errors=None):
    sheet = Sheet(deal, process_of(deal.pipeline), "", "answers", form, prefix="jn-")
    known = [p for p in sheet.people if p.on_map] or sheet.people[:6]
    step = deal.next_step_on if deal.next_step and deal.next_step_on else None
    context = {
        "deal": deal, "sheet": sheet, "form": form, "errors": errors or {}, "known": known, "chosen": people,
        "asks": [ask for ask in sheet.asks if ask.is_tapped and _said_aloud(ask.definition)],
        "kinds": [(kind.value, kind.label) for kind in KINDS], "kind": form.text("kind") or ActivityKind.MEETING,
        "own": step if step and step > sheet.today else None, "step": form.text("step"),
        "week": sheet.today + WEEK, "key": form.text("key") or uuid.uuid4().hex, "today": sheet.today,
    }  # fmt: skip
    part = "deals/today/just_now.html" if request.htmx else "deals/just_now.html"
    return render(request, part, context, status=422 if errors else 200)
