"""Mails that rules draft and somebody of us sends: written from the rule's words, changed, sent or discarded."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from outbox import queue
from pipeline.vocabulary import RuleTrigger
from team.calendar import calendar_of, local_date
from team.models import User, recalled

from .. import activities
from ..edits import Unfit
from ..evidence.judging import House
from ..input import normalise
from ..locking import locked_deal
from ..models import Activity, ActivityKind, Contact, Direction, MailDraft, Stakeholder
from ..moves import IllegalMove, NotAllowed, may_edit
from ..recaps.composing import contacts_of
from ..rows.among import Among
from ..timers import due
from . import merge_fields

_NEVER = datetime.min.replace(tzinfo=UTC)
LONGEST_SUBJECT, LONGEST_BODY = 200, 10_000
KEY = "draft:"


def written(deal, definition, now):
    """The draft of a rule for a deal, unsaved and without its firing.

    It is for who was heard from last, else the first of the deal's people with an address.
    """
    contact = recipients_of([deal.pk]).get(deal.pk)
    subject, body = text_of(deal, definition, now, contact)
    owner_id = definition.person_id or deal.next_owner_id
    return MailDraft(
        deal=deal, owner_id=owner_id, contact=contact, subject=subject, body=body, created_at=now
    )


def text_of(deal, definition, now, contact, process=None, names=None):
    """(subject, body) of a rule's mail; the contact is one of recipients_of(), None for nobody."""
    waits = definition.trigger == RuleTrigger.NO_RESPONSE
    values = merge_fields.values_of(deal, contact, quiet_days(deal, now, waits), process, names)
    return filled(*recalled(("words", definition.pk), lambda: _words(definition)), values)


def filled(subject, body, values):
    """(subject, body) with their fields filled in, the subject as one line that fits."""
    line = queue.one_line(merge_fields.rendered(subject, values))[:LONGEST_SUBJECT]
    return line, merge_fields.rendered(body, values)


def recipients_of(deal_ids):
    """{deal id: Contact} of who a draft is for, in four statements for any number of deals."""
    heard, chosen = _heard(deal_ids), {}
    for deal_id, contact_id in _reachable(deal_ids):
        last = heard.get((deal_id, contact_id), _NEVER)
        if deal_id not in chosen or last > chosen[deal_id][0]:
            chosen[deal_id] = last, contact_id
    contacts = Contact.objects.only("name").filter(Among("pk", {pk for _last, pk in chosen.values()}))
    contacts = {contact.pk: contact for contact in contacts.order_by()}
    return {deal_id: contacts[pk] for deal_id, (_last, pk) in chosen.items()}


def _heard(deal_ids):
    """{(deal id, contact id): when the contact was last heard from about the deal}."""
    rows = Activity.attendees.through.objects.filter(
        Among("activity__deal_id", deal_ids), activity__from_buyer=True
    )
    rows = rows.order_by().values_list("activity__deal_id", "contact_id")
    return {(deal, contact): last for deal, contact, last in rows.annotate(last=Max("activity__happened_at"))}


def _reachable(deal_ids):
    """(deal id, contact id) of the deals' people who are still there with an address that is not ours; oldest first."""
    house = House.current()
    ours = set(User.objects.values_list(Lower("email"), flat=True))
    there = Stakeholder.objects.filter(
        Among("deal_id", deal_ids), contact__merged_into=None, contact__left_at=None
    ).exclude(contact__email="")
    for deal_id, contact_id, address in there.order_by("pk").values_list(
        "deal_id", "contact_id", "contact__email"
    ):
        if address.lower() not in ours and not house.has_domain_of(address):
            yield deal_id, contact_id


def quiet_days(deal, now, waits=True):
    """Days since what waits for an answer, else since the buyer was heard last."""
    calendar = calendar_of(deal.team_id)
    since = local_date((waits and deal.awaiting_since) or due.quiet_since(deal), calendar)
    return max((local_date(now, calendar) - since).days, 0)


def _words(definition):
    """(subject, body) of the rule, each ours where it has none."""
    subject, body = ask_to_close() if definition.attempt > 1 else ask_where_we_stand()
    return definition.subject or subject, definition.body or body


def ask_where_we_stand():
    return _("{deal}: where do we stand?"), _(
        "Hello {first_name},\n\n"
        "we have not spoken about {deal} for {days} days, and I would rather ask than guess.\n\n"
        "Is it still on your list, is it for later, or is it off? One line is enough. If it is for later, tell me "
        "when, and I will come back then and not before.\n\n"
        "Kind regards\n{owner}"
    )


def ask_to_close():
    return _("Shall we close {deal} on our side?"), _(
        "Hello {first_name},\n\n"
        "it has stayed quiet since I asked, so I take it that {deal} has no room at {company} just now.\n\n"
        "Unless you tell me otherwise, I will close it here in the coming days and not write about it again. If it "
        "only has to wait, name a month, and it stays open until then.\n\n"
        "Kind regards\n{owner}"
    )


@dataclass(frozen=True)
class Typed:
    """What came in from the form."""

    contact: str = ""
    subject: str = ""
    body: str = ""
    expects_answer: str = "1"


def open_drafts():
    return MailDraft.objects.filter(sent_at=None, discarded_at=None)


@transaction.atomic
def save(deal_id, draft_id, typed, *, by, now):
    """Keep what was typed. Raises Unfit, NotAllowed, IllegalMove, MailDraft.DoesNotExist. Returns the draft."""
    deal, draft = _locked(deal_id, draft_id, by)
    _write(draft, typed, *_checked(deal, typed, to_send=False))
    return draft


@transaction.atomic
def send(deal_id, draft_id, typed, *, by, now):
    """Put it into the outbox, answers to who pressed "send", and on record, as one that waits for an answer if so."""
    deal, draft = _locked(deal_id, draft_id, by)
    contact, subject, body = _checked(deal, typed, to_send=True)
    draft.sent_at, draft.owner = now, by
    _write(draft, typed, contact, subject, body, "sent_at", "owner")
    sender = {"reply_to": by.email, "now": now}
    queue.put(
        key=f"{KEY}{draft.pk}", to=contact.email, name=contact.name, subject=subject, body=body, **sender
    )
    activities.log(
        deal.pk,
        by=by,
        kind=ActivityKind.EMAIL,
        happened_at=now,
        attendees=[contact],
        now=now,
        direction=Direction.OUT,
        subject=subject,
        body=body,
        expects_answer=bool(typed.expects_answer),
    )
    return draft


@transaction.atomic
def discard(deal_id, draft_id, *, by, now):
    """It does not leave any more. What it said is kept."""
    _deal, draft = _locked(deal_id, draft_id, by)
    draft.discarded_at = now
    draft.save(update_fields=["discarded_at"])
    return draft


def _locked(deal_id, draft_id, by):
    """The deal and its draft, nobody else's until the end of the transaction."""
    deal, _process = locked_deal(deal_id)
    draft = deal.mail_drafts.get(pk=draft_id)
    if not may_edit(by, deal):
        raise NotAllowed(_("Only those who act on this deal may send its mail."))
    if draft.sent_at:
        raise IllegalMove(_("This mail has been sent already."))
    if draft.discarded_at:
        raise IllegalMove(_("This draft was discarded, or what it was about is over."))
    if not deal.is_live:
        raise IllegalMove(_("This deal is closed. Reopen it first."))
    return deal, draft


def _write(draft, typed, contact, subject, body, *also):
    draft.contact, draft.subject, draft.body = contact, subject, body
    draft.expects_answer = bool(typed.expects_answer)
    draft.save(update_fields=["contact", "subject", "body", "expects_answer", *also])


def _checked(deal, typed, to_send):
    """(contact, subject, body) as they can be stored; Unfit with everything that is wrong."""
    problems, people = {}, contacts_of(deal, House.current())
    contact = next((one for one in people if str(one.pk) == typed.contact), None)
    if contact is None and (to_send or typed.contact):
        problems["contact"] = _("Choose who of the buyer's side gets it.")
    texts = {"subject": (typed.subject, LONGEST_SUBJECT), "body": (typed.body, LONGEST_BODY)}
    for name, (text, limit) in texts.items():
        if words := _flaw(text, limit, to_send):
            problems[name] = words
    if problems:
        raise Unfit(problems)
    return contact, normalise.clean(typed.subject), paragraphs(typed.body)


def _flaw(text, limit, to_send):
    if normalise.has_unstorable(text):
        return _("This contains a character that cannot be stored.")
    if len(text) > limit:
        words = _("This has %(given)d characters; at most %(limit)d are possible.")
        return words % {"given": len(text), "limit": limit}
    return normalise.flaw(text) if to_send else ""


def paragraphs(text):
    """Cleaned line by line, with at most one empty line between two paragraphs."""
    lines, kept = [normalise.clean(line) for line in text.splitlines()], []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
