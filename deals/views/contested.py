"""What speaks against the answer to one criterion of a deal."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from pipeline.process import process_of
from team.calendar import local_date
from team.models import Organisation
from team.toasts import toast

from ..approving import contradictions
from ..gate import Reading
from ..models import Contradiction
from ..moves import may_edit
from ..sheets.smallforms import Field, fields
from .access import editable_deal, visible_deal
from .posted import attempted, typed
from .replies import in_kind


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def criterion(request, pk, criterion_id):
    """The notes against it; POST adds one."""
    deal = (visible_deal if request.method != "POST" else editable_deal)(request, pk)
    if criterion_id not in process_of(deal.pipeline).by_criterion:
        raise Http404
    if request.method != "POST":
        return show(request, deal, criterion_id)
    given = typed(request, {"text", "source"})
    return attempted(
        request,
        lambda: noted(request, contradictions.note(deal.pk, criterion_id, given, by=request.user)),
        lambda errors, status: show(request, deal, criterion_id, "note", given, errors, status),
        reverse("contested", args=[deal.pk, criterion_id]),
    )


def noted(request, note):
    toast(request, _("Noted. It counts as contested until that is settled."))
    return note


@require_POST
@in_kind
def settle(request, pk, criterion_id, note_id):
    deal, given = editable_deal(request, pk), typed(request, {"settlement"})
    if criterion_id not in process_of(deal.pipeline).by_criterion:
        raise Http404
    return attempted(
        request,
        lambda: settled(request, contradictions.settle_note(deal.pk, note_id, given, by=request.user)),
        lambda errors, status: show(request, deal, criterion_id, f"settle-{note_id}", given, errors, status),
        reverse("contested", args=[deal.pk, criterion_id]),
        missing=Contradiction.DoesNotExist,
    )


def settled(request, note):
    toast(request, _("Settled."))
    return note


def show(request, deal, criterion_id, form="", given=None, errors=None, status=200):
    process, may = process_of(deal.pipeline), may_edit(request.user, deal)
    definition = process.by_criterion[criterion_id]
    reading = Reading(deal, process, local_date(timezone.now(), Organisation.current()))
    rows = deal.contradictions.filter(criterion=criterion_id).select_related("noted_by", "settled_by")
    context = {
        "deal": deal, "definition": definition, "finding": reading.finding(definition, at_gate=False),
        "may_edit": may, "rows": [(row, settling(row, form, given, errors) if may else []) for row in rows],
        "fields": noting(form, given, errors) if may else [], "form": form,
    }  # fmt: skip
    return render(request, "deals/agreement/contested.html", context, status=status)


def noting(form, given, errors):
    mine = {"given": given, "errors": errors} if form == "note" else {}
    source = Field(
        "source", _("Where that is from"), hint=_("The trade register, their job ads, a colleague.")
    )
    return fields("note", Field("text", _("What speaks against it"), "area"), source, **mine)


def settling(row, form, given, errors):
    if row.settled_at:
        return []
    name = f"settle-{row.pk}"
    mine = {"given": given, "errors": errors} if form == name else {}
    return fields(name, Field("settlement", _("How it was settled")), **mine)
