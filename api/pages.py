"""For people: their tokens, and what programs can do here."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from team.toasts import toast

from . import tokens
from .describe import groups, parts
from .door import api
from .forms import TokenForm
from .models import Token

SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
def own_tokens(request):
    """One's own tokens; an admin sees everybody's. A new one is told in the answer itself and never again."""
    form, secret = TokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        _made, secret = tokens.make(request.user, **form.cleaned_data)
        form = TokenForm()
    context = {"form": form, "secret": secret, "own": _rows(Token.objects.filter(user=request.user))}
    if request.user.is_admin:
        context["others"] = _rows(Token.objects.exclude(user=request.user))
    return render(request, "api/tokens.html", context, status=422 if form.errors else 200)


def _rows(found):
    """Live ones first, newest first; each with whether it still opens anything."""
    now = timezone.now()
    rows = list(found.select_related("user")[:SHOWN])
    for token in rows:
        token.is_live = tokens.is_live(token, now)
        token.may = ", ".join(token.scopes)
    return sorted(rows, key=lambda token: not token.is_live)


@require_POST
def revoke_token(request, token_id):
    """By its user, or by an admin."""
    token = Token.objects.select_related("user").filter(pk=token_id).first()
    if token is None or not (token.user == request.user or request.user.is_admin):
        raise Http404
    tokens.revoke(token, timezone.now())
    toast(request, _("%s opens nothing any more.") % token.name)
    return redirect("tokens")


@require_safe
def about(request):
    """Every operation with what it takes and answers, from the same schema that programs read."""
    schema = api.get_openapi_schema()
    return render(request, "api/about.html", {"groups": groups(schema), "parts": parts(schema)})
