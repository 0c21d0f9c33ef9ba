"""The page behind a buyer's link: public, without a login, refused where one of us is signed in.

The link's secret is the permission; nothing the browser carries along is. So the page needs no cookie, and no token
of a form either: who could forge the form knows the secret already.
"""

from functools import wraps

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from pipeline.process import process_of
from team.models import Organisation, User

from .. import recaps
from ..evidence.judging import House

# Enough for a person, their mail scanner and an office behind one address; too few to guess with.
RATES = {"confirm": "120/m/ip"}
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow, noarchive"}


def discreet(view):
    """Nothing of the link reaches another site, a search engine or our own log."""

    @wraps(view)
    def answered(request, token):
        response = view(request, token)
        for name, value in HEADERS.items():
            response[name] = value
        response._has_been_logged = (
            True  # Django logs the address of every refusal, and the address is the secret
        )
        return response

    return answered


@login_not_required
@csrf_exempt
@discreet
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request, token):
    """GET shows what is to be confirmed and changes nothing; POST answers it, once."""
    if not ratelimit.consume(request, app="headgate", action="confirm", config=RATES, limit_get=True):
        return page(request, "many", 429)
    recap = recaps.by_token(token)
    if recap is None:
        return page(request, "unknown", 404)
    if (user_id := request.session.get(SESSION_KEY)) is not None:
        return refused(request, recap, user_id)
    if request.method == "POST":
        return answer(request, recap)
    return show(request, recap)


def refused(request, recap, user_id):
    """Somebody of us is signed in here. Trying to answer is put on record; looking is not: GET changes nothing."""
    user = User.objects.filter(pk=user_id).first()
    if request.method == "POST" and user is not None:
        recaps.refuse(recap, user, **sender(request), now=timezone.now())
    return page(request, "refused", 403)


def answer(request, recap):
    replies = {line.pk: recaps.Reply(request.POST.get(f"choice{line.pk}", ""), request.POST.get(f"words{line.pk}", ""))
               for line in recap.lines.all()}  # fmt: skip
    try:
        done = recaps.answer(recap.pk, replies, **sender(request), now=timezone.now())
    except recaps.Unanswerable as error:
        return closed(request, recap, error.closed)
    except recaps.Unclear as error:
        return show(request, recap, replies, error.fields)
    return page(request, "done", 200, recap=done, lines=done.lines.exclude(confirmed=None))


def sender(request):
    """Where an answer came from, as far as the proxies in front are to be believed."""
    return {
        "address": get_adapter().get_client_ip(request),
        "agent": request.headers.get("User-Agent", ""),
    }


def show(request, recap, replies=None, errors=None):
    process = process_of(recap.deal.pipeline)
    lines = recaps.open_lines(recap, process)
    if why := recaps.why_closed(recap, lines, House.current(), timezone.now()):
        return closed(request, recap, why)
    points = [
        {
            "line": line,
            "record": recaps.on_record(line, definition),
            "reply": (replies or {}).get(line.pk),
            "error": (errors or {}).get(line.pk, ""),
        }
        for line, definition, _current in lines
    ]
    return page(request, "open", 422 if errors else 200, recap=recap, points=points)


def closed(request, recap, why):
    return page(request, "closed", 410, why=why)


def page(request, name, status, **context):
    context["organisation"] = Organisation.current()
    context["problem"] = _("Not sent yet: look at what is marked below.") if status == 422 else ""
    return render(request, f"confirm/{name}.html", context, status=status)
