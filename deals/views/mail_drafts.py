"""A mail that waits: begun from a template or drafted by a rule; read, changed, sent or discarded by who acts on the
deal."""

from functools import partial

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from team.toasts import toast

from ..evidence.judging import House
from ..forms import Malformed
from ..mails import mail_drafts, mail_templates
from ..mails.mail_drafts import Typed
from ..recaps.composing import contacts_of
from .access import editable_deal
from .posted import attempted, typed
from .replies import in_kind

FIELDS = {"contact", "subject", "body", "expects_answer", "act"}
ACTS = {"send", "save", "discard"}


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def draft(request, pk, draft_id):
    """The mail as a form; POST with `act` sends it, keeps it for later or discards it."""
    deal = editable_deal(request, pk)
    found = get_object_or_404(
        deal.mail_drafts.select_related("contact", "owner", "firing__definition"), pk=draft_id
    )
    if request.method != "POST":
        return show(request, deal, found, as_stored(found))
    given = typed(request, FIELDS)
    act = given.pop("act")
    if act not in ACTS:
        raise Malformed(_("This is no form of ours."))
    mail = Typed(**given)
    again = partial(show, request, deal, found, mail)
    return attempted(request, partial(DO[act], request, found, mail), again, address(found, act))


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def write(request, pk):
    """The texts a mail may begin with, filled in for this deal; POST with `template` makes a draft of one."""
    deal = editable_deal(request, pk)
    if request.method != "POST":
        return offer(request, deal)
    begun, now = [], timezone.now()
    chosen = typed(request, {"template"})["template"]

    def begin():
        begun.append(mail_templates.begin(deal.pk, chosen, by=request.user, now=now))
        return begun[0]

    return attempted(request, begin, partial(offer, request, deal), lambda: address(begun[0], "save"))


def offer(request, deal, errors=None, status=200):
    found = mail_templates.offered(deal, timezone.now()) if deal.is_live else []
    context = {
        "deal": deal,
        "templates": found,
        "errors": errors or {},
        "problem": (errors or {}).get("", ""),
    }
    return render(request, "deals/write_mail.html", context, status=status)


def send(request, draft, mail):
    sent = mail_drafts.send(draft.deal_id, draft.pk, mail, by=request.user, now=timezone.now())
    toast(request, _("The mail is on its way to %s.") % sent.contact.name)
    return sent


def save(request, draft, mail):
    saved = mail_drafts.save(draft.deal_id, draft.pk, mail, by=request.user, now=timezone.now())
    toast(request, _("Saved. It has not been sent."))
    return saved


def discard(request, draft, mail):
    gone = mail_drafts.discard(draft.deal_id, draft.pk, by=request.user, now=timezone.now())
    toast(request, _("Discarded. Nothing was sent."))
    return gone


DO = {"send": send, "save": save, "discard": discard}


def address(draft, act):
    if act == "save":
        return reverse("mail_draft", args=[draft.deal_id, draft.pk])
    return reverse("deal", args=[draft.deal_id])


def as_stored(draft):
    ticked = "1" if draft.expects_answer else ""
    return Typed(str(draft.contact_id or ""), draft.subject, draft.body, ticked)


def show(request, deal, draft, mail, errors=None, status=200):
    context = {
        "deal": deal,
        "draft": draft,
        "mail": mail,
        "errors": errors or {},
        "problem": (errors or {}).get("", ""),
        "contacts": contacts_of(deal, House.current()),
        "others": mail_drafts.open_drafts().filter(deal=deal).exclude(pk=draft.pk),
        "is_open": deal.is_live and not (draft.sent_at or draft.discarded_at),
    }
    return render(request, "deals/mail_draft.html", context, status=status)
