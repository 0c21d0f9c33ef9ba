"""The same outcome for a page, a fragment and a script: HTML, an htmx swap or JSON, with one status."""

from functools import wraps

from django.http import HttpResponse
from django.shortcuts import render

from config import errors
from config.errors import json_error, wants_json

from ..forms import Malformed
from ..moves import NotAllowed

__all__ = ["dialog", "go_to", "in_kind", "is_script", "json_error", "refused", "wants_json"]


def is_script(request):
    """Not a browser: those say that they read HTML. A script gets 200 for a move that happened, not a redirect."""
    return not request.htmx and "text/html" not in request.headers.get("Accept", "")


def in_kind(view):
    """Turn what a form or a permission refuses into 400 or 403 in the language of the request."""

    @wraps(view)
    def answered(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except Malformed as error:
            return refused(request, 400, "malformed", error)
        except NotAllowed as error:
            return refused(request, 403, "not_allowed", error)

    return answered


def refused(request, status, code, error):
    return errors.page(request, status, str(error), code=code)


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
