"""What went wrong, in the product's voice: a page where a template of that name exists, JSON for a script."""

import sys
import uuid
from urllib.parse import urlsplit, urlunsplit

from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.template import loader
from django.utils.html import escape
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

UNSTORABLE = _lazy("That contains a character that cannot be stored.")


# What a script tells refusals apart by, where nothing more exact is said.
CODES = {
    400: "bad_request",
    401: "signed_out",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    429: "too_many",
    500: "server_error",
    503: "unavailable",
}


def wants_json(request):
    """A script says so in Accept, or asks the API; a browser always names text/html."""
    return (
        request.path.startswith("/api/v1")
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )


def json_error(code, message, status, fields=None, **more):
    """{"error": {"code", "message", "fields"}, "request_id"} as every refusal of ours is written."""
    error = {"code": code, "message": str(message), "fields": fields or {}}
    return JsonResponse({"error": error, "request_id": uuid.uuid4().hex, **more}, status=status)


def page(request, status, message, code="", **context):
    """The template STATUS.html with `message`; a bare page where it is missing or cannot be rendered.

    JSON for who asks for it, with `code`, or the status's own.
    """
    if wants_json(request):
        return json_error(code or CODES.get(status, "refused"), message, status)
    try:
        body = loader.render_to_string(f"{status}.html", {"message": message, **context}, request)
    except Exception:
        body = (
            f"<!doctype html><html lang=en><title>{status}</title><h1>{status}</h1><p>{escape(message)}</p>"
        )
    return HttpResponse(body, status=status)


def bad_request(request, exception=None):
    return page(request, 400, _("We could not read that request."))


def forbidden(request, exception=None):
    return page(request, 403, str(exception or "") or _("You may not do that."))


def csrf_failure(request, reason=""):
    message = _("This page has been open too long or was sent from elsewhere. Reload it and try again.")
    return page(request, 403, message, code="csrf", reload=sent_from(request))


def sent_from(request):
    """The address of the page a form was sent from, as far as the browser says; the first page where it does not.

    `#kept` tells ui.js that the form was not taken: what was typed is put back.
    """
    if request.htmx:
        return request.htmx.current_url_abs_path or "/"
    try:
        came = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    address = urlunsplit(("", "", came.path, came.query, "kept"))
    ours = came.netloc == request.get_host() and url_has_allowed_host_and_scheme(address, None)
    return address if ours else "/"


def signed_out(request):
    """For a script, which follows no redirect to a form."""
    return page(request, 401, _("Sign in first."))


def not_found(request, exception=None):
    return page(request, 404, _("There is nothing here, or not for you."))


def method_refused(request, response):
    """In our words, and in JSON for a script; Django's own says nothing but which methods there are."""
    told = page(request, 405, _("This address does not take that method."))
    response.content, response["Content-Type"] = told.content, told["Content-Type"]  # its headers stay
    return response


def server_error(request):
    """Also reached when the database is away before a view was: that is 503, not our fault to hide."""
    return answer_to(request, sys.exc_info()[1]) or page(request, 500, _("Something broke on our side."))


def too_many(request, seconds=3600):
    response = page(request, 429, _("Too many failed attempts. Try again in an hour."))
    response["Retry-After"] = str(seconds)
    return response


def unavailable(request):
    response = page(request, 503, _("The database is not answering just now. Nothing was changed."))
    response["Retry-After"] = "5"
    return response


def answer_to(request, error):
    """The response to an exception that means bad input or a database that is away; None for a bug."""
    if isinstance(error, (OperationalError, InterfaceError)):
        return unavailable(request)
    if isinstance(error, UnicodeEncodeError) or "NUL (0x00)" in str(error):
        return page(request, 400, UNSTORABLE)
    if isinstance(error, DataError) or "too large to convert to SQLite" in str(error):
        return page(request, 400, _("A value is too long or out of range."))
    if isinstance(error, ValueError) and "expected a number but got" in str(error):
        return not_found(request)
    return bad_request(request) if _is_asked_of_a_list(request, error) else None


def _is_asked_of_a_list(request, error):
    """A list of the administration takes any look-up from its address, and Django trips over some (year 0)."""
    match = request.resolver_match
    name = match.url_name if match and match.app_name == "admin" else None  # an address of nothing has none
    is_list = bool(name) and name.endswith("_changelist")
    return is_list and request.method in {"GET", "HEAD"} and isinstance(error, (ValueError, IndexError))
