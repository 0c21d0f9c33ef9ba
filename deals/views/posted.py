"""What a small form sent, and the same outcome of it for a page and a script."""

from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _

from ..edits import Unfit
from ..forms import Malformed
from ..moves import IllegalMove
from .replies import go_to, json_error, wants_json


def typed(request, names):
    """{name: text}; Malformed for a field the form does not have, or one that came twice."""
    if set(request.POST) - {"csrfmiddlewaretoken", *names}:
        raise Malformed(_("This is no form of ours."))
    if any(len(request.POST.getlist(name)) > 1 for name in names):
        raise Malformed(_("This is no form of ours."))
    return {name: request.POST.get(name, "") for name in names}


def attempted(request, do, show, address, missing=()):
    """Run `do`; then see other, or the form once more by `show(errors, status)`. 404 for a row that is not there.

    `address` is text, or a function where it is known only afterwards.
    """
    try:
        done = do()
    except Unfit as error:
        return refused(request, show, 422, "unfit", error.fields)
    except IllegalMove as error:
        return refused(request, show, 409, "illegal", {"": str(error)})
    except missing as error:
        raise Http404 from error
    if wants_json(request):
        return JsonResponse({"id": done.pk, "deal": done.deal_id})
    return go_to(request, address() if callable(address) else address)


def refused(request, show, status, code, errors):
    """Every message beside its field; what belongs to none is under the empty name."""
    if wants_json(request):
        return json_error(
            code, "; ".join(map(str, errors.values())), status, {k: str(v) for k, v in errors.items()}
        )
    return show(errors, status)
