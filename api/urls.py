"""/api/v1/ for programs, /api/ to read about it, and the tokens of one's own profile."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

from . import activities, deals, errors, moves, pages, people, processes, tasks  # noqa: F401  their operations
from .door import api


def public(view):
    """Asks for no session: the door looks for a token. What no operation takes is told in JSON, too."""

    @login_not_required
    def answered(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        return errors.method_refused(response) if response.status_code == 405 else response

    answered.csrf_exempt = True  # nothing here is done for a cookie
    return answered


def _opened(patterns):
    for pattern in patterns:
        pattern.callback = public(pattern.callback)
    return patterns


@login_not_required
def nothing_here(request):
    return errors.not_found(request)


nothing_here.csrf_exempt = True
operations, app, namespace = api.urls

urlpatterns = [
    path("api/", pages.about, name="api_about"),
    path("api/v1/", (_opened(operations), app, namespace)),
    re_path(r"^api/v1(?:/.*)?$", nothing_here, name="api_unknown"),
    path("profile/tokens/", pages.own_tokens, name="tokens"),
    path("profile/tokens/<int:token_id>/revoke/", pages.revoke_token, name="revoke_token"),
]
