"""Objections of a deal: logged, answered, accepted or withdrawn by the buyer, taken up again."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from team.calendar import local_date
from team.toasts import toast

from ..approving import objections
from ..models import Objection
from ..moves import may_edit
from ..sheets.people import people_of
from ..sheets.smallforms import Field, fields
from .access import editable_deal, visible_deal
from .posted import attempted, typed
from .replies import in_kind

LOGGED = {"text", "raised_by", "raised_on"}
# What each verb asks for.
SENT = {"answer": {"response"}, "accept": {"accepted_by"}, "withdraw": {"note"}, "reopen": {"note"}}


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def of_deal(request, pk):
    """All objections of a deal; POST puts one on record."""
    if request.method != "POST":
        return show(request, visible_deal(request, pk))
    deal, given = editable_deal(request, pk), typed(request, LOGGED)
    return attempted(
        request,
        lambda: told(request, objections.log(deal.pk, given, by=request.user)),
        lambda errors, status: show(request, deal, "log", given, errors, status),
        reverse("objections", args=[deal.pk]),
    )


def told(request, objection):
    toast(request, _("Saved. This objection is now: %s.") % objection.get_status_display().lower())
    return objection


@require_POST
@in_kind
def act(request, pk, objection_id, verb):
    if verb not in SENT:
        raise Http404
    deal, given = editable_deal(request, pk), typed(request, SENT[verb])
    return attempted(
        request,
        lambda: told(request, objections.act(deal.pk, objection_id, verb, given, by=request.user)),
        lambda errors, status: show(request, deal, f"{verb}-{objection_id}", given, errors, status),
        reverse("objections", args=[deal.pk]),
        missing=Objection.DoesNotExist,
    )


def show(request, deal, form="", given=None, errors=None, status=200):
    may, asked = may_edit(request.user, deal), Forms(deal, form, given, errors)
    related = ("stage", "raised_by", "recorded_by", "accepted_by", "settled_by")
    rows = list(deal.objections.select_related(*related).order_by("raised_at", "pk"))
    context = {
        "deal": deal, "may_edit": may, "note": (errors or {}).get("", ""), "people": people_of(deal) if may else [],
        "open": [(row, asked.of(row) if may else []) for row in rows if not row.is_settled],
        "settled": [(row, asked.of(row) if may else []) for row in rows if row.is_settled],
        "log": asked.log() if may else [], "logging": form == "log",
    }  # fmt: skip
    return render(request, "deals/agreement/objections.html", context, status=status)


class Forms:
    """The small forms beside each objection; the one just refused keeps what was typed."""

    def __init__(self, deal, form, given, errors):
        self.deal, self.form, self.given, self.errors = deal, form, given, errors

    def _fields(self, form, *wanted):
        mine = form == self.form
        return fields(form, *wanted, given=self.given if mine else None, errors=self.errors if mine else None)

    def log(self):
        return self._fields(
            "log",
            Field("text", _("What they hold against it"), "area"),
            Field("raised_by", _("Who said so"), "person"),
            Field("raised_on", _("When"), "date", local_date(timezone.now()).isoformat()),
        )

    def of(self, row):
        """[(verb, words, its fields, open?)]"""
        if row.is_settled:
            found = [("reopen", _("Take it up again"), [Field("note", _("Why"))])]
        else:
            found = [
                ("answer", _("Answer it"), [Field("response", _("Our answer"), "area", row.response)]),
                (
                    "accept",
                    _("They accept it"),
                    [Field("accepted_by", _("Who accepts it"), "person", _name(row))],
                ),
                ("withdraw", _("Withdrawn"), [Field("note", _("Why it counts no more"))]),
            ]
            found = found if row.response else [found[0], found[2]]
        made = [(verb, words, f"{verb}-{row.pk}", wanted) for verb, words, wanted in found]
        return [
            (verb, words, self._fields(name, *wanted), name == self.form)
            for verb, words, name, wanted in made
        ]


def _name(row):
    return row.raised_by.name if row.raised_by else ""
