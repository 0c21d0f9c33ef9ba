"""A buyer's reply in one dialog: what they said, how it stands, what it confirms, what comes next."""

import uuid
from urllib.parse import urlencode, urlsplit

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pipeline.process import process_of
from team import formats
from team.toasts import toast

from .. import logging_talks
from ..answers import AnswerErrors
from ..edits import Unfit
from ..models import ActivityKind, Deal, Outcome
from ..sheets.sheet import Sheet
from ..timers.buyer_dates import MOST_DAYS
from . import talk_form
from .access import editable_deal
from .replies import dialog, go_to, in_kind

FIELDS = {"kind", "who", "happened_on", "said", "link", "outcome", "later_on", "next_step", "next_step_on"}
KINDS = [ActivityKind.EMAIL, ActivityKind.CALL, ActivityKind.MEETING]
CHOICE = 30


@require_safe
def choose(request):
    """Whose reply it is: the deals one acts on, those that wait for an answer first."""
    deals = Deal.objects.editable_by(request.user).live().select_related("company")
    if wanted := request.GET.get("q", "").strip()[:80]:
        deals = deals.filter(name__icontains=wanted)
    waiting = list(deals.filter(awaiting_since__isnull=False).order_by("awaiting_since", "pk")[:CHOICE])
    others = deals.filter(awaiting_since__isnull=True).order_by("next_step_on", "pk")
    found = waiting + list(others[: CHOICE - len(waiting)])
    return dialog(request, "whose_reply", {"deals": found, "q": wanted, "now": timezone.now()})


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def reply(request, pk):
    """The form; POST stores the reply with what it confirms and what comes next, or nothing."""
    deal = editable_deal(request, pk)
    form, people, upload = talk_form.read(request, FIELDS, with_file=True)
    if request.method != "POST":
        return show(request, deal, form, people)
    if form.text("kind") == ActivityKind.EMAIL:
        form.fields["direction"] = "in"
    try:
        if bad := talk_form.problems(form):
            raise Unfit(bad)
        changed, reading = logging_talks.save(
            deal.pk, form, people, by=request.user, upload=upload, bad=_completed(form)
        )
    except Unfit as error:
        return show(request, deal, form, people, error.fields)
    except AnswerErrors as error:
        form.errors |= error.fields
        return show(request, deal, form, people, {"": _("Not saved yet: look at what is marked below.")})
    return saved(request, changed, form, reading)


def _completed(form):
    """What only this form asks, as {field: message}: how it stands. A link the buyer sent stands with their words."""
    bad = {}
    if form.text("outcome") not in Outcome.values:
        bad["outcome"] = _("Say how it stands: interested, later or no.")
    link = form.text("link")
    if link and (not link.startswith(("http://", "https://")) or len(link) > 500):
        bad["link"] = _("Give a web address that starts with http:// or https://.")
    elif link and link not in form.text("said"):
        form.fields["said"] = f"{form.text('said')}\n{link}".strip()
    if form.text("outcome") != Outcome.LATER:
        form.fields["later_on"] = ""
    if form.text("outcome") != Outcome.INTERESTED:
        form.untick()
    return bad


def saved(request, deal, form, reading):
    """Where it goes on: a no closes the deal with its reason, all else is back where one was."""
    if form.text("outcome") == Outcome.NO and deal.is_live:
        toast(request, _("The reply is saved. Say why the deal is lost, or leave it open."))
        asked = urlencode({"to": "lost", "reason": form.text("said")[:500]})
        return go_to(request, f"{reverse('gate', args=[deal.pk])}?{asked}")
    toast(request, _words(deal, form, reading))
    return go_to(request, _back(request, deal, form.text("from")))


def _back(request, deal, origin):
    """Where one came from: the day, the deal's own board with what it was narrowed to, else the deal."""
    if origin == "board":
        board = reverse("board_of", args=[deal.pipeline.slug])
        here = request.htmx.current_url_abs_path or ""
        return here if urlsplit(here).path in (board, reverse("board")) else board
    return reverse("today") if origin == "today" else reverse("deal", args=[deal.pk])


def _words(deal, form, reading):
    if form.text("outcome") == Outcome.LATER and deal.awaiting_since:
        day = formats.day(deal.awaiting_since)
        return _("%(deal)s waits for the buyer until %(day)s; the clocks count from then.") % {
            "deal": deal.name, "day": day,
        }  # fmt: skip
    left = sum(not finding.holds for finding in reading.here())
    words = _("Reply saved. Nothing is open in %s any more.") if not left else _("Reply saved: %s.")
    return words % deal.name


def show(request, deal, form, people, errors=None):
    sheet = Sheet(deal, process_of(deal.pipeline), "", "answers", form)
    known = [p for p in sheet.people if p.on_map] or sheet.people[:6]
    tapped = [ask for ask in sheet.asks if ask.is_tapped]
    context = {
        "deal": deal, "sheet": sheet, "form": form, "errors": errors or {}, "known": known, "chosen": people,
        "asks": [ask for ask in tapped if ask.definition.kind != "next_step"],
        "step": next((ask for ask in tapped if ask.definition.kind == "next_step"), None),
        "kinds": [(kind.value, kind.label) for kind in KINDS], "kind": form.text("kind") or KINDS[0],
        "outcomes": Outcome.choices, "outcome": form.text("outcome"), "most_days": MOST_DAYS,
        "today": sheet.today.isoformat(), "key": form.text("key") or uuid.uuid4().hex,
    }  # fmt: skip
    return dialog(request, "reply", context, status=422 if errors else 200)
