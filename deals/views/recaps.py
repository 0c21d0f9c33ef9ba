"""Sending a recap from the deal's page."""

from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from team.digits import number_in
from team.toasts import toast

from .. import recaps
from ..edits import Unfit
from ..forms import Malformed
from .access import editable_deal
from .replies import go_to, in_kind

FIELDS = {"contact", "subject", "intro", "csrfmiddlewaretoken"}
MOST = 100  # fields of points; more than any process asks


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def recap(request, pk):
    """The form with what is on record; POST sends it. `again` names an earlier recap to start from."""
    deal = editable_deal(request, pk)
    if request.method == "POST":
        return send(request, deal)
    draft = recaps.draft(deal, request.user, again=earlier(deal, request.GET.get("again", "")))
    return show(request, deal, draft)


def earlier(deal, key):
    return deal.recaps.filter(pk=number_in(key)).prefetch_related("lines").first()


def send(request, deal):
    typed = read(request.POST)
    try:
        sent = recaps.send(deal.pk, typed, by=request.user, link=link_of(request), now=timezone.now())
    except Unfit as error:
        return show(request, deal, as_typed(recaps.draft(deal, request.user), typed), error.fields)
    toast(request, _("The recap is on its way to %s.") % sent.contact.name)
    return go_to(request, f"{reverse('deal', args=[deal.pk])}#recaps")


def link_of(request):
    """The settings say what our links begin with; where they do not, the request does."""
    begins = settings.SITE_URL or request.build_absolute_uri("/").removesuffix("/")
    return lambda token: begins + reverse("confirm", args=[token])


def read(data):
    """What came in; Malformed for a field this form does not have."""
    typed, texts, ticked = recaps.Typed(), {}, set()
    for name in data:
        point = number_in(name[4:])
        if name.startswith("line") and point is not None:
            ticked.add(point)
        elif name.startswith("text") and point is not None:
            texts[point] = data[name]
        elif name not in FIELDS:
            raise Malformed(_("This is no form of ours."))
    if len(texts) > MOST or len(ticked) > MOST:
        raise Malformed(_("This is no form of ours."))
    typed.contact, typed.subject, typed.intro = (
        data.get(name, "") for name in ("contact", "subject", "intro")
    )
    typed.statements = {pk: texts.get(pk, "") for pk in sorted(ticked)}
    return typed


def as_typed(draft, typed):
    """The form as it came in, for somebody to mend."""
    draft.subject, draft.intro = typed.subject, typed.intro
    draft.contact_id = number_in(typed.contact)
    for line in draft.lines:
        line.chosen = line.criterion_id in typed.statements
        line.statement = typed.statements.get(line.criterion_id, line.statement)
    return draft


def show(request, deal, draft, errors=None):
    errors = errors or {}
    for line in draft.lines:
        line.error = errors.get(f"text{line.criterion_id}", "")
    context = {"deal": deal, "draft": draft, "errors": errors, "problem": errors.get("", "")}
    return render(request, "deals/recap.html", context, status=422 if errors else 200)
