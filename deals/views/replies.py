"""The same outcome for a page, a fragment and a script: HTML, an htmx swap or JSON, with one status."""

import uuid
from functools import wraps

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from config import errors

from ..forms import Malformed
from ..moves import NotAllowed


def wants_json(request):
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def is_script(request):
    """Not a browser: those say that they read HTML. A script gets 200 for a move that happened, not a redirect."""
    return not request.htmx and "text/html" not in request.headers.get("Accept", "")


def json_error(code, message, status, fields=None, **more):
    """{"error": {"code", "message", "fields"}, "request_id"} as every refusal of ours is written."""
    error = {"code": code, "message": str(message), "fields": fields or {}}
    return JsonResponse({"error": error, "request_id": uuid.uuid4().hex, **more}, status=status)


def in_kind(view):
    """Turn what a form or a permission refuses into 400, 403 or 404 in the language of the request."""

    @wraps(view)
    def answered(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Malformed as error:
            return refused(request, 400, "malformed", error)
        except NotAllowed as error:
            return refused(request, 403, "not_allowed", error)
        except Http404:
            if wants_json(request):
                return json_error("not_found", _("There is nothing here, or not for you."), 404)
            raise

    return answered


def refused(request, status, code, error):
    if wants_json(request):
        return json_error(code, error, status)
    return errors.page(request, status, str(error))


def dialog(request, name, context, status=200):
    """The dialog for a fragment (put where dialogs go), the same as a page of its own for everybody else."""
    if not request.htmx:
        return render(request, f"deals/{name}.html", context, status=status)
    response = render(request, f"deals/{name}_dialog.html", context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog-root", "innerHTML"
    return response


def go_to(request, address):
    """See other; a fragment is told to load the page."""
    if not request.htmx:
        return HttpResponse(status=303, headers={"Location": address})
    return HttpResponse(headers={"HX-Redirect": address})
