"""Changing one thing a deal says about itself, in its place or on a page of its own."""

from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods

from team.digits import number_in
from team.models import User

from .. import edits
from ..forms import Malformed
from ..input.normalise import has_unstorable
from ..models import Deal
from ..moves import IllegalMove
from ..sheets.inputs import Input, iso, plain
from .access import RELATED, editable_deal
from .deal import page_of
from .replies import go_to, in_kind, json_error, wants_json

LABELS = {
    "next_step": _lazy("What"), "next_step_on": _lazy("When"), "amount": _lazy("Amount"), "currency": _lazy("Currency"),
    "expected_close": _lazy("Expected close"), "discount_percent": _lazy("Discount, %"), "deal_type": _lazy("Type"),
    "lead_source": _lazy("Lead source"), "goals": _lazy("The customer's goals"),
    "commitments": _lazy("Promises we made"), "name": _lazy("Name"),
    "probability_override": _lazy("Our own probability, %"),
    "owner": _lazy("Owner"), edits.WHY: _lazy("Why, and what to know"), "next_owner": _lazy("Who acts next"),
}  # fmt: skip
TYPES = {
    "next_step_on": "date", "expected_close": "date", "amount": "number", "discount_percent": "number",
    "probability_override": "number",
    "goals": "area", "commitments": "area", "owner": "select", "next_owner": "select",
}  # fmt: skip
HINTS = {
    "probability_override": _lazy("Empty: the stage’s own."),
    edits.WHY: _lazy("The new owner is asked to accept."),
}
OPTIONAL = {"owner": [edits.WHY]}  # beside what the field shows
KNOWN = {"csrfmiddlewaretoken", "rev", "was"}


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def edit(request, pk, name):
    """The field's form; POST saves it, or answers 422 or 409 with what was typed."""
    if name not in edits.FIELDS:
        raise Http404
    deal = editable_deal(request, pk)
    if request.method != "POST":
        return form(request, deal, name)
    return save(request, deal, name, typed(request, name))


def typed(request, name):
    """What came in, by column; Malformed for a field this form does not have."""
    columns = columns_of(name)
    unknown = set(request.POST) - KNOWN - set(columns)
    if unknown or number_in(request.POST.get("rev"), digits=9) is None:
        raise Malformed(_("This is no form of ours."))
    return {column: request.POST.get(column, "") for column in columns}


def columns_of(name):
    return [*edits.FIELDS[name], *OPTIONAL.get(name, [])]


def save(request, deal, name, given):
    rev, was = number_in(request.POST["rev"]), request.POST.get("was")
    try:
        if unstorable := {
            c: _("This contains a character that cannot be stored.")
            for c in given
            if has_unstorable(given[c])
        }:
            raise edits.Unfit(unstorable)
        changed = edits.change(deal.pk, name, given, by=request.user, rev=rev, was=was)
    except edits.Unfit as error:
        return form(request, deal, name, given, error.fields, status=422, rev=rev, was=was)
    except edits.StaleEdit:
        return conflict(request, deal, name, given)
    except IllegalMove as error:
        return form(request, deal, name, given, {edits.FIELDS[name][0]: str(error)}, status=409)
    return saved(request, changed, name)


def saved(request, deal, name):
    """Back to the deal as it is now, with the focus where it was: on what was edited."""
    if wants_json(request):
        return JsonResponse({"deal": deal.pk, "rev": deal.rev})
    if not request.htmx:
        return go_to(request, f"{reverse('deal', args=[deal.pk])}#edit-{name}")
    page = page_of(request, deal.pk)
    response = render(request, "deals/deal.html", {"deal": page.deal, "page": page, "edited": name})
    response["HX-Retarget"] = response["HX-Reselect"] = "#main"
    response["HX-Reswap"] = "outerHTML"
    return response


def conflict(request, deal, name, given):
    """What was typed, beside what it says now; saving once more puts it on top."""
    now = Deal.objects.select_related(*RELATED).get(pk=deal.pk)
    words = ", ".join(filter(None, (shown_value(now, column) for column in edits.FIELDS[name]))) or _(
        "nothing"
    )
    note = _("It says “%s” now. What you typed is below and is not saved.") % words
    return form(request, now, name, given, status=409, note=note)


def form(request, deal, name, given=None, errors=None, status=200, note="", rev=None, was=None):
    """The fragment, or the page around it. Errors and typed values stay."""
    if wants_json(request) and status != 200:
        return json_error("conflict" if note else "unfit", note or "; ".join(errors.values()), status, errors)
    context = {
        "deal": deal, "name": name, "note": note, "inputs": inputs(deal, name, given or {}, errors or {}),
        "errors": errors, "quiet": request.htmx and len(columns_of(name)) == 1,  # the page names it already
        "rev": deal.rev if rev is None else rev, "was": edits.shown(deal, name) if was is None else was,
    }  # fmt: skip
    part = "deals/page/edit_form.html" if request.htmx else "deals/edit.html"
    return render(request, part, context, status=status)


def inputs(deal, name, given, errors):
    found = []
    for column in columns_of(name):
        item = Input(column, str(LABELS[column]), TYPES.get(column, "text"), name=column)
        item.hint = HINTS.get(column, "")
        item.optional = column in OPTIONAL.get(name, [])
        item.value = given.get(column, field_value(deal, column))
        item.error = errors.get(column, "")
        item.options = people(deal) if TYPES.get(column) == "select" else []
        found.append(item)
    return found


def people(deal):
    """Everybody who works here, the deal's team first."""
    team = set(User.objects.active().filter(teams=deal.team_id).values_list("pk", flat=True))
    users = sorted(User.objects.active(), key=lambda user: (user.pk not in team, user.name))
    return [(str(user.pk), user.name) for user in users]


def field_value(deal, column):
    if column == edits.WHY:
        return ""
    if column in ("owner", "next_owner"):
        return str(getattr(deal, f"{column}_id"))
    value = getattr(deal, column)
    if column == "probability_override":
        return "" if value is None else str(value)
    if column in ("amount", "discount_percent"):
        return plain(value)
    return iso(value) if TYPES.get(column) == "date" else value


def shown_value(deal, column):
    return str(getattr(deal, column) or "")
