"""Sending a recap: the lines are bound to the answers on record, the link's secret goes into the mail alone."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from outbox import queue
from team import notices
from team.calendar import local_date
from team.formats import day
from team.models import Level, User

from ..edits import Unfit
from ..evidence.judging import House
from ..gate import Reading
from ..input import normalise
from ..locking import locked_deal
from ..models import Recap, RecapLine, RecapState
from ..moves import NotAllowed, may_edit
from .composing import contacts_of, lines_of
from .statements import LONGEST, on_record
from .tokens import hash_of, new_token

LASTS = timedelta(days=14)
FRESH = timedelta(days=1)
LONGEST_INTRO = 2000


@dataclass
class Typed:
    """What came in from the form: `statements` maps criterion ids to the words for those that were ticked."""

    contact: str = ""
    subject: str = ""
    intro: str = ""
    statements: dict = field(default_factory=dict)


def mail_key(recap):
    return f"recap:{recap.pk}"


@transaction.atomic
def send(deal_id, typed, *, by, link, now):
    """Store a recap and queue its mail. `link` makes the address for a token. Raises Unfit, NotAllowed.

    Nothing that is returned, stored or shown holds the token; an open recap to the same contact is withdrawn.
    """
    deal, process = locked_deal(deal_id)
    if not may_edit(by, deal):
        raise NotAllowed(_("Only those who act on this deal may send its recaps."))
    house = House.current()
    lines = {
        line.criterion_id: line
        for line in lines_of(Reading(deal, process, local_date(now, house.organisation)))
    }
    contact, chosen = _checked(deal, typed, lines, house)
    withdraw_open(deal, contact, now)
    recap, token = _stored(deal, contact, typed, by, now)
    made = [RecapLine(recap=recap, criterion_id=line.criterion_id, answer=line.answer, statement=words, position=place)
            for place, (line, words) in enumerate(chosen, 1)]  # fmt: skip
    RecapLine.objects.bulk_create(made)
    queue.put(
        key=mail_key(recap),
        to=contact.email,
        name=contact.name,
        subject=recap.subject,
        body=_body(recap, made, process, house.organisation, link(token)),
        is_secret=True,
        now=now,
    )
    if recap.address_is_fresh:
        tell_managers(
            deal,
            _("A recap of %(deal)s went to an address that is new: %(address)s.")
            % {"deal": deal, "address": recap.address},
            key=f"recap:{recap.pk}:fresh",
            now=now,
        )
    return recap


def _checked(deal, typed, lines, house):
    """(contact, [(line, words)]); Unfit with everything that is wrong."""
    problems = {}
    contact = next((c for c in contacts_of(deal, house) if str(c.pk) == typed.contact), None)
    if contact is None:
        problems["contact"] = _("Choose who of the buyer's side is to confirm it.")
    if not deal.is_live:
        problems[""] = _("This deal is closed. Reopen it first.")
    if flaw := normalise.flaw(typed.subject):
        problems["subject"] = flaw
    elif len(normalise.clean(typed.subject)) > 200:
        problems["subject"] = _too_long(typed.subject, 200)
    if len(typed.intro) > LONGEST_INTRO:
        problems["intro"] = _too_long(typed.intro, LONGEST_INTRO)
    for name in ("subject", "intro"):
        if normalise.has_unstorable(getattr(typed, name)):
            problems[name] = _("This contains a character that cannot be stored.")
    chosen = _chosen(typed, lines, problems)
    if problems:
        raise Unfit(problems)
    return contact, chosen


def _chosen(typed, lines, problems):
    chosen = [(line, typed.statements[pk]) for pk, line in lines.items() if pk in typed.statements]
    if set(typed.statements) - set(lines):
        problems[""] = _("A point is not on record any more. Look at what is offered now.")
    elif not chosen:
        problems[""] = _("Tick at least one point.")
    for line, words in chosen:
        if normalise.has_unstorable(words):
            problems[f"text{line.criterion_id}"] = _("This contains a character that cannot be stored.")
        elif flaw := normalise.flaw(words):
            problems[f"text{line.criterion_id}"] = flaw
        elif len(words) > LONGEST:
            problems[f"text{line.criterion_id}"] = _too_long(words, LONGEST)
    return [(line, normalise.clean(words, lines=True)) for line, words in chosen]


def _too_long(text, limit):
    words = _("This has %(given)d characters; at most %(limit)d are possible.")
    return words % {"given": len(text), "limit": limit}


def _stored(deal, contact, typed, by, now):
    token = new_token()
    recap = Recap.objects.create(
        deal=deal,
        contact=contact,
        address=contact.email,
        address_is_fresh=now - contact.address_since < FRESH,
        address_since=contact.address_since,
        sent_by=by,
        sent_at=now,
        subject=normalise.clean(typed.subject),
        intro=normalise.clean(typed.intro, lines=True),
        token_hash=hash_of(token),
        expires_at=now + LASTS,
    )
    return recap, token


def withdraw_open(deal, contact, now):
    """A newer recap to the same person takes the place of the one they have not answered."""
    for recap in Recap.objects.filter(deal=deal, contact=contact, state=RecapState.SENT):
        recap.state = RecapState.WITHDRAWN
        recap.save(update_fields=["state"])
        queue.withdraw(mail_key(recap), reason=_("A newer recap took its place."), now=now)


def _body(recap, lines, process, organisation, address):
    points = [(line.statement, on_record(line, process.by_criterion[line.criterion_id])) for line in lines]
    context = {
        "recap": recap, "points": points, "organisation": organisation, "address": address,
        "until": day(recap.expires_at),
    }  # fmt: skip
    return render_to_string("deals/mail/recap.txt", context).strip() + "\n"


def tell_managers(deal, text, *, key, now):
    """Those who answer for the deal's team; the admins where it has no manager."""
    active = User.objects.active()
    people = list(active.filter(level=Level.MANAGER, teams=deal.team_id))
    people = people or list(active.filter(level=Level.ADMIN))
    notices.tell(people, text, key=key, url=reverse("deal", args=[deal.pk]), now=now)


def undelivered(keys, now):
    """Tell who sent a recap that its mail could not be delivered. `keys` are those of mails given up."""
    ids = [int(key.removeprefix("recap:")) for key in keys if key.startswith("recap:")]
    for recap in Recap.objects.filter(pk__in=ids).select_related("deal", "contact", "sent_by"):
        text = _("Your recap to %(who)s (%(deal)s) could not be delivered.")
        notices.tell(
            [recap.sent_by],
            text % {"who": recap.contact.name, "deal": recap.deal},
            key=f"recap:{recap.pk}:undelivered",
            url=reverse("deal", args=[recap.deal_id]),
            now=now,
        )
