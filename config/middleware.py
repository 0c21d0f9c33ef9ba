import time
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers

from config import errors

HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
SEEN_EVERY = 600  # seconds between two notes that a session is in use: a write per request would be waste


def extra_headers(get_response):
    """The security headers Django has no setting for, on every response, static files included."""

    def middleware(request):
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def no_store(get_response):
    """Nothing but static files (served before this) is kept by a browser or a proxy."""

    def middleware(request):
        response = get_response(request)
        response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response

    return middleware


def refuse_nul(get_response):
    """PostgreSQL cannot store NUL and SQLite would: refuse it in addresses before either is asked."""

    def middleware(request):
        if "\0" in request.path or any("\0" in part for pair in request.GET.lists() for part in flat(pair)):
            return errors.page(request, 400, errors.UNSTORABLE)
        return get_response(request)

    def flat(pair):
        return [pair[0], *pair[1]]

    return middleware


def session_limits(get_response):
    """Idle 12 hours (the session's own age, renewed while in use), 7 days at most."""

    def middleware(request):
        if request.COOKIES.get(settings.SESSION_COOKIE_NAME) and "began" in request.session:
            renew_or_end(request)
        return get_response(request)

    return middleware


def renew_or_end(request):
    now = int(time.time())
    if now - request.session["began"] > settings.SESSION_ABSOLUTE_AGE:
        logout(request)
    elif now - request.session.get("seen", 0) > SEEN_EVERY:
        request.session["seen"] = now


class SignInRequired(LoginRequiredMiddleware):
    """Every view asks for a login unless it says @login_not_required; fragments are told where to go.

    A script is told that it is signed out; it would take the form for an answer. Whoever sent a form comes back to the
    page it stood on, and the sign-in page says that nothing was saved.
    """

    def handle_no_permission(self, request, view_func):
        if errors.wants_json(request):
            return errors.signed_out(request)
        if request.method in ("GET", "HEAD") and not request.htmx:
            return super().handle_no_permission(request, view_func)
        asked = {"next": errors.sent_from(request)} | ({"unsaved": "1"} if request.method == "POST" else {})
        address = f"{resolve_url(settings.LOGIN_URL)}?{urlencode(asked, safe='/')}"
        if not request.htmx:
            return HttpResponseRedirect(address)
        response = HttpResponse(status=401)
        response["HX-Redirect"] = address
        return response


def focus_the_flaw(get_response):
    """A refused form opens at its first marked field, with script or without. What people type is escaped: no mark."""
    mark = b' aria-invalid="true"'

    def middleware(request):
        response = get_response(request)
        if not response.streaming and mark in response.content:
            response.content = response.content.replace(mark, b" autofocus" + mark, 1)
        return response

    return middleware


class BadInput:
    """Turns exceptions that mean bad input, or a database that is away, into answers that say so; a bare 405, too."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        bare = response.status_code == 405 and not response.streaming and not response.content
        return errors.method_refused(request, response) if bare else response

    def process_exception(self, request, exception):
        return errors.answer_to(request, exception)
