"""The buyer's answer to a recap: one transaction, the deal locked, the buyer's own act on record."""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.vocabulary import YES_KINDS
from team import notices

from .. import activities
from ..answers import Recorder
from ..input import normalise
from ..locking import locked_deal
from ..models import BUYER, ActivityKind, Answer, AnswerState, Recap, RecapRefusal, RecapState
from ..settle import settle
from .closing import VALUE, open_lines, why_closed
from .sending import tell_managers

LONGEST_WORDS = 2000


class Unanswerable(Exception):
    """The link is no longer good; `closed` says why."""

    def __init__(self, closed):
        self.closed = closed
        super().__init__(closed.label)


class Unclear(Exception):
    """An answer that cannot be taken as it is; `fields` maps line ids to messages."""

    def __init__(self, fields):
        self.fields = fields
        super().__init__("; ".join(fields.values()))


@dataclass(frozen=True)
class Reply:
    """What was chosen for one line, as typed: 'yes', 'no' or nothing, and the correction."""

    choice: str = ""
    words: str = ""


@transaction.atomic
def answer(recap_id, replies, *, address, agent, now):
    """Record what the buyer answered. `replies` maps line ids to Reply. Raises Unanswerable, Unclear.

    Returns the Recap.
    """
    deal, process = locked_deal(Recap.objects.values_list("deal", flat=True).get(pk=recap_id))
    recap = (
        Recap.objects.select_for_update(of=("self",)).select_related("contact", "sent_by").get(pk=recap_id)
    )
    recap.deal = deal
    recorder = Recorder(deal, process, None, now, BUYER)
    lines = open_lines(recap, process)
    if closed := why_closed(recap, lines, recorder.house, now):
        raise Unanswerable(closed)
    check(lines, replies)
    for line, _definition, _current in lines:
        line.confirmed = replies[line.pk].choice == "yes"
        line.correction = "" if line.confirmed else normalise.clean(replies[line.pk].words, lines=True)
        line.save(update_fields=["confirmed", "correction"])
    recap.activity = _on_record(recap, lines, recorder)
    for line, definition, current in lines:
        recorder.store(_answer(recap, line, definition, current, recorder), definition)
    _close(recap, lines, address, agent, now)
    settle(deal, process, now)
    _tell(recap, now)
    return recap


def check(lines, replies):
    """Every point is answered, and a correction says what is right."""
    problems = {line.pk: flaw for line, *_rest in lines if (flaw := _flaw(replies.get(line.pk, Reply())))}
    if problems:
        raise Unclear(problems)


def _flaw(reply):
    if reply.choice not in ("yes", "no"):
        return _("Please choose one of the two.")
    words = normalise.clean(reply.words)
    if reply.choice == "yes":
        return _("You wrote a correction. Choose “Not quite”, or empty the field.") if words else ""
    if normalise.has_unstorable(reply.words):
        return _("This contains a character that cannot be stored.")
    if len(reply.words) > LONGEST_WORDS:
        words = _("This has %(given)d characters; at most %(limit)d are possible.")
        return words % {"given": len(reply.words), "limit": LONGEST_WORDS}
    return "" if len(words) > 1 and not normalise.flaw(words) else _("Please write what is right instead.")


def _on_record(recap, lines, recorder):
    """The buyer's act on the timeline, in their own words where they corrected something."""
    yes = sum(line.confirmed for line, *_rest in lines)
    corrected = [line for line, *_rest in lines if not line.confirmed]
    return activities.record(
        recap.deal,
        by=None,
        kind=ActivityKind.CONFIRMATION,
        happened_at=recorder.now,
        attendees=[recap.contact],
        now=recorder.now,
        house=recorder.house,
        subject=_headline(recap.contact.name, yes, len(corrected))[:200],
        body="\n".join(line.correction for line in corrected)[:10_000],
    )


def _headline(name, yes, corrected):
    """'Lena Vossberg confirmed 2 points and corrected 1, by their own link'."""
    said = []
    if yes:
        said.append(ngettext("confirmed %d point", "confirmed %d points", yes) % yes)
    if corrected:
        said.append(ngettext("corrected %d point", "corrected %d points", corrected) % corrected)
    words = _(" and ").join(said)
    return _("%(who)s %(what)s, by their own link") % {"who": name, "what": words}


def _answer(recap, line, definition, current, recorder):
    """Confirmed: what is on record, in the buyer's own hand. Corrected: disproved, with what they wrote."""
    made = Answer(
        deal=recap.deal,
        criterion_id=line.criterion_id,
        activity=recap.activity,
        contact=recap.contact,
        recorded_at=recorder.now,
        source=BUYER,
    )
    if not line.confirmed:
        made.state, made.words = AnswerState.DISPROVED, line.correction
        return made
    for name in VALUE:
        setattr(made, name, getattr(current, name))
    made.yes = True if definition.kind in YES_KINDS else current.yes
    made.words = "" if normalise.flaw(current.words) else current.words
    return made


def _close(recap, lines, address, agent, now):
    all_right = all(line.confirmed for line, *_rest in lines)
    recap.state = RecapState.CONFIRMED if all_right else RecapState.CORRECTED
    recap.answered_at, recap.answered_from = now, address
    recap.answered_with = normalise.clean(agent)[:300]
    recap.save(update_fields=["state", "answered_at", "answered_from", "answered_with", "activity"])


def _tell(recap, now):
    """Whoever sells, acts next, or asked."""
    deal = recap.deal
    people = {
        person.pk: person for person in (deal.owner, deal.next_owner, recap.sent_by) if person.is_active
    }
    notices.tell(
        people.values(),
        f"{deal}: {recap.activity.subject}.",
        key=f"recap:{recap.pk}:answered",
        url=reverse("deal", args=[deal.pk]),
        now=now,
    )


def refuse(recap, user, *, address, agent, now):
    """One of us was signed in where the link was answered: nothing is taken, and it is put on record."""
    agent = normalise.clean(agent)[:300]
    RecapRefusal.objects.create(recap=recap, at=now, user=user, came_from=address, came_with=agent)
    words = _("%(who)s tried to answer a recap of %(deal)s in the buyer's place; it was refused.")
    tell_managers(
        recap.deal,
        words % {"who": user, "deal": recap.deal},
        key=f"recap:{recap.pk}:refused:{user.pk}",
        now=now,
    )
