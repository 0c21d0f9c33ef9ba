"""Why something was not done, as JSON: the list of refusals that pages' scripts read, with the fields of the API."""

import uuid

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from ninja.errors import AuthenticationError, HttpError, ValidationError

from config import errors
from deals import edits, files, moves
from deals.answers import AnswerErrors
from deals.evidence.judging import House
from deals.forms import Malformed
from deals.models import Deal
from deals.views import refusals
from deals.views.access import RELATED
from pipeline.process import process_of

from . import fields
from .idempotency import KeyReused
from .reading import WrongType


class MissingScope(Exception):
    """The token may not do this, whatever its user may."""


class TooMany(Exception):
    """More requests than a token may send in a minute."""

    def __init__(self, seconds):
        self.seconds = seconds
        super().__init__(_("Too many requests. Wait %d seconds.") % seconds)


class StaleRow(Exception):
    """Somebody changed the row since the `rev` that was named; `rev` is what it is now."""

    def __init__(self, rev):
        self.rev = rev
        super().__init__(_("Somebody changed this meanwhile. Read it again; nothing of yours was saved."))


def response_to(request, error):
    """The JSON of an exception that says why something was not done; None for a bug."""
    for kind, answer in _ANSWERS.items():
        if isinstance(error, kind):
            return answer(request, error)
    return errors.answer_to(request, error)


def refusal(status, code, message, named=None, **more):
    """{"error": {"code", "message", "fields", ...}, "request_id"}."""
    error = {"code": code, "message": str(message), "fields": fields.texts(named or {}), **more}
    return JsonResponse({"error": error, "request_id": uuid.uuid4().hex}, status=status)


def _gate_closed(request, error):
    count = len(error.open_criteria)
    words = ngettext("%d criterion is open.", "%d criteria are open.", count) % count
    deal = _deal(error.deal.pk)
    found = fields.findings(error.open_criteria, process_of(deal.pipeline), House.current())
    return refusal(
        422, "gate_closed", words, error.errors, criteria=[item.model_dump(mode="json") for item in found]
    )


def _missing_input(request, error):
    choices = {}
    if "loss_reason" in error.fields:
        choices = {"choices": {"loss_reason": list(moves.offered_reasons().values_list("name", flat=True))}}
    return refusal(422, "missing_input", error, error.fields, **choices)


def _unknown_target(request, error):
    return refusal(422, "unknown_target", error, {"to": error})


def _illegal(request, error):
    return refusal(409, "illegal_move", error, state=_state(_asked_deal(request)))


def _stale(request, error):
    deal = _deal(error.deal.pk)
    conflict = refusals.conflict_words(deal, error.last)
    told = {"by": str(error.last.actor or "Headgate"), "at": error.last.recorded_at.isoformat()}
    last = {**told, "kind": error.last.kind}
    return refusal(409, "stale", f"{conflict['title']} {conflict['text']}", state=_state(deal), last=last)


def _stale_edit(request, error):
    deal = _deal(error.deal.pk)
    words = _("Somebody changed this deal meanwhile. Read it again; nothing of yours was saved.")
    return refusal(409, "stale", words, state=_state(deal))


def _stale_row(request, error):
    return refusal(409, "stale", error, state={"rev": error.rev})


def _not_allowed(request, error):
    return refusal(403, "not_allowed", error)


def _missing_scope(request, error):
    return refusal(403, "missing_scope", error)


def _not_found(request, error):
    return refusal(404, "not_found", _("There is nothing here, or not for you."))


def _unreadable(request, error):
    return refusal(422, "unreadable", _("A field cannot be read."), error.fields)


def _unfit(request, error):
    return refusal(422, "unfit", error, error.fields)


def _file_refused(request, error):
    return refusal(422, "unfit", error, {"file": error})


def not_found(request):
    return _not_found(request, None)


def method_refused(response):
    """Ninja's answer to a method the address does not take, in our own form."""
    told = refusal(405, "method_not_allowed", _("This address does not take that method."))
    told["Allow"] = response["Allow"]
    return told


def _malformed(request, error):
    return refusal(400, "malformed", error)


def _key_reused(request, error):
    return refusal(422, "idempotency_key_reused", error)


def _unauthenticated(request, error):
    words = _("Send a token that works: Authorization: Bearer hg_...")
    response = refusal(401, "unauthenticated", words)
    response["WWW-Authenticate"] = 'Bearer realm="Headgate"'
    return response


def _too_many(request, error):
    response = refusal(429, "too_many", error)
    response["Retry-After"] = str(error.seconds)
    return response


def _invalid(request, error):
    """What the schema refuses: every field with its own words."""
    named = {fields.place(item): fields.words(item) for item in error.errors}
    return refusal(400, "malformed", "; ".join(f"{k}: {v}" if k else v for k, v in named.items()), named)


def _http(request, error):
    cause = error.__cause__
    if isinstance(cause, WrongType):
        return refusal(415, "wrong_type", cause)
    return refusal(error.status_code, "malformed", cause or error)


def _deal(pk):
    return Deal.objects.select_related(*RELATED).get(pk=pk)


def _asked_deal(request):
    """The deal the address names, as it stands now that the refused write has rolled back."""
    return _deal(request.resolver_match.kwargs["deal_id"])


def _state(deal):
    return {**refusals.state_words(deal), "rev": str(deal.rev)}


_ANSWERS = {
    moves.GateClosed: _gate_closed,
    moves.MissingInput: _missing_input,
    moves.UnknownTarget: _unknown_target,
    moves.IllegalMove: _illegal,
    moves.StaleDeal: _stale,
    moves.NotAllowed: _not_allowed,
    edits.StaleEdit: _stale_edit,
    edits.Unfit: _unfit,
    AnswerErrors: _unreadable,
    files.FileRefused: _file_refused,
    Malformed: _malformed,
    StaleRow: _stale_row,
    MissingScope: _missing_scope,
    TooMany: _too_many,
    KeyReused: _key_reused,
    AuthenticationError: _unauthenticated,
    ValidationError: _invalid,
    HttpError: _http,
    Http404: _not_found,
    ObjectDoesNotExist: _not_found,
}
