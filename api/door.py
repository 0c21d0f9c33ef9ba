"""The one way in for programs: who asks, what their token may, what they sent; the answer as JSON, kept for its key."""

import time
from contextlib import nullcontext
from functools import wraps
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.security import HttpBearer

from deals.forms import Malformed
from team.models import Organisation

from . import errors, tokens
from .idempotency import once
from .models import Scope
from .reading import JsonParser
from .shapes import Refusal

WRITES = {"POST", "PATCH"}
REFUSALS = [400, 401, 403, 404, 405, 409, 415, 422, 429, 503]
WINDOW = 60  # seconds


class Api(NinjaAPI):
    """Ninja's, with our own words for every refusal, and a schema that is made once."""

    def __init__(self, **options):
        super().__init__(**options)
        self._schemas = {}

    def get_openapi_schema(self, *, path_prefix=None, path_params=None):
        """Anybody may ask for it, and making it takes a second and a half; do not change what is returned."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._schemas:
            self._schemas[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._schemas[prefix]

    def set_default_exception_handlers(self):
        """None of Ninja's: `told` answers all."""

    def validation_error_from_error_contexts(self, error_contexts):
        found = []
        for context in error_contexts:
            source, names = context.model.__ninja_param_source__, context.model.__ninja_flatten_map_reverse__
            for item in context.pydantic_validation_error.errors(include_url=False):
                found.append({**item, "loc": (source, *names.get(item["loc"], item["loc"]))})
        return ValidationError(found)


class Bearer(HttpBearer):
    """Authorization: Bearer hg_... The token's user is who acts; the token may do less than they, never more."""

    def __init__(self, scope):
        self.scope = scope
        super().__init__()

    def authenticate(self, request, token):
        now = timezone.now()
        found = tokens.found(token, now)
        if found is None:
            return None
        _within_rate(found)
        tokens.note_use(found, now)
        if self.scope not in found.scopes:
            raise errors.MissingScope(
                _("This token may not do that: it lacks the scope %s.") % self.scope.value
            )
        request.user = found.user
        return found


def _within_rate(token):
    """So many requests per token and minute; the counter lives in the cache that all web processes share."""
    if not settings.API_PER_MINUTE:
        return
    window, passed = divmod(int(time.time()), WINDOW)
    key = f"api-{token.pk}-{window}"
    cache.add(key, 0, 2 * WINDOW)
    if cache.incr(key) > settings.API_PER_MINUTE:
        raise errors.TooMany(WINDOW - passed)


api = Api(
    title="Headgate",
    version="1",
    description="The same deals, gates and refusals as on the pages. Money is text; times are ISO 8601 with a zone.",
    parser=JsonParser(),
    docs_url=None,
    urls_namespace="api",
)


@api.exception_handler(Exception)
def told(request, error):
    """A refusal in JSON; a bug is raised on, for the log and the page of crashes."""
    response = errors.response_to(request, error)
    if response is None:
        raise error
    return response


def operation(method, route, out, *, scope=None, status=200, tag="", whole=True):
    """Register a view as an operation of the API: it returns an `out`, or raises what errors.py can tell.

    `whole` undoes everything it wrote when it raises; a move sees to that itself and puts its refusal on record.
    """
    scope = scope or (Scope.WRITE if method in WRITES else Scope.READ)

    def register(view):
        return api.api_operation(
            [method],
            route,
            response={status: out, **dict.fromkeys(_refusals(method, route), Refusal)},
            auth=Bearer(scope),
            operation_id=view.__name__,
            url_name=view.__name__,
            summary=view.__doc__.strip().splitlines()[0],
            tags=[tag],
            openapi_extra={"x-scope": scope.value, **_headers(method)},
        )(_answered(view, method, status, whole))

    return register


def _refusals(method, route):
    """The statuses an operation may answer with, beside the one that says it happened."""
    never = set() if method in WRITES else {409, 415, 422}
    if route.endswith("/gate"):
        never -= {409, 422}
    return [code for code in REFUSALS if code not in never]


def _headers(method):
    """Headers an operation reads, for the schema."""
    if method not in WRITES:
        return {}
    told = [("Idempotency-Key", _("The same key again gets the first answer; nothing happens twice."), 200)]
    if method == "PATCH":
        told.append(("If-Match", _("The rev you read, where it is not in the body."), 40))
    return {
        "parameters": [
            {"in": "header", "name": name, "required": False, "description": str(words),
             "schema": {"type": "string", "maxLength": most}}
            for name, words, most in told
        ]
    }  # fmt: skip


def _answered(view, method, status, whole):
    """The view's answer as a response; a write happens whole or not at all, and once for its Idempotency-Key."""

    @wraps(view)
    def answered(request, **arguments):
        _refuse_unknown_query(request, answered._ninja_operation)

        def act():
            try:
                with transaction.atomic() if whole else nullcontext(), _our_time():
                    return _json(view(request, **arguments), status)
            except Exception as error:
                return told(request, error)

        return once(request, act) if method in WRITES else act()

    return answered


def _our_time():
    return timezone.override(ZoneInfo(Organisation.current().time_zone))


def _json(answer, status):
    response = HttpResponse(answer.model_dump_json(), status=status, content_type="application/json")
    if rev := getattr(answer, "rev", None):
        response["ETag"] = f'"{rev}"'
    return response


def _refuse_unknown_query(request, of):
    """A filter with a typing error would otherwise give everything."""
    known = {name for model in of.models if model.__ninja_param_source__ == "query" for name in _names(model)}
    if unknown := set(request.GET) - known:
        raise Malformed(_("There is no parameter %s.") % min(unknown)[:60])


def _names(model):
    return model.__ninja_flatten_map__


def seen_rev(request, body):
    """The `rev` a change was made from: in If-Match or in the body; one of them is needed."""
    header = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    given = body.rev or ""
    if header and given and header != given:
        raise Malformed(_("If-Match and rev name two different states."))
    if not (header or given):
        raise Malformed(_("Say which state you saw: rev, or the header If-Match."))
    return header or given
