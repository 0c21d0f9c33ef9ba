"""Whether one answer opens its criterion: the value it holds, who confirmed it, and with what evidence."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.vocabulary import FACT_KINDS, YES_KINDS, Evidence, Kind, evidence_rank
from team.calendar import local_date
from team.models import Organisation, User

from ..input import normalise
from ..models import BUYER, ActivityKind, AnswerState


@dataclass(frozen=True)
class Verdict:
    """`flaw` says in words what is missing; empty where the answer opens. `holds_until` is the last day it does."""

    flaw: str
    holds_until: date | None = None

    @property
    def opens(self):
        return not self.flaw


@dataclass(frozen=True)
class House:
    """What judging needs to know of us, read once: the organisation, and which addresses are our own."""

    organisation: Organisation
    domains: frozenset
    placeholders: tuple

    @classmethod
    def current(cls):
        organisation = Organisation.current()
        words = tuple(line.strip() for line in organisation.placeholders.splitlines() if line.strip())
        return cls(organisation, frozenset(organisation.own_domain_set()), words)

    def is_ours(self, contact):
        """Whether it is a colleague: by address (in our domains, or a user's), by name where there is none."""
        address = (contact.email or (contact.name if "@" in contact.name else "")).strip().lower()
        if not address:
            return _is_called_like_us(contact.name.strip())
        return self.has_domain_of(address) or User.objects.filter(email__iexact=address).exists()

    def has_domain_of(self, address):
        """Whether the address is in a domain of ours."""
        domain = address.strip().lower().rpartition("@")[2]
        return any(domain == own or domain.endswith("." + own) for own in self.domains)


def _is_called_like_us(name):
    """Asked as colleagues.py asks it of many, so that both say the same."""
    return User.objects.active().filter(Exact(Lower("name"), Lower(Value(name)))).exists()


def is_buyers_own(answer):
    """Whether the buyer gave it by a link of their own; what we conclude from such an answer is not."""
    return answer.source == BUYER and answer.activity.kind == ActivityKind.CONFIRMATION


def evidence_of(answer):
    """The highest evidence level the answer reaches."""
    if answer.attachment_id:
        return Evidence.FILE
    if answer.activity_id and (answer.activity.kind == ActivityKind.INVITATION or is_buyers_own(answer)):
        return Evidence.OWN
    if answer.words or answer.link:
        return Evidence.WORDS
    if answer.contact_id and answer.activity_id:
        return Evidence.WHO
    return Evidence.NONE


def judge(answer, definition, house):
    """The verdict on an answer under a definition."""
    flaw = (
        _state_flaw(answer)
        or _value_flaw(answer, definition, house)
        or _buyer_flaw(answer, definition, house)
        or _evidence_flaw(answer, definition, house)
    )
    return Verdict(flaw, None if flaw else _holds_until(answer, definition, house))


def weak_part(answer, definition, house):
    """Which part of an answer that does not open would mend it: "" is its value, else state, by, words or file."""
    if _state_flaw(answer):
        return "state"
    if _value_flaw(answer, definition, house):
        return _weak_document(answer) if definition.kind == Kind.FILE_OR_LINK else ""
    if _buyer_flaw(answer, definition, house):
        return "by"
    return "file" if definition.evidence in (Evidence.OWN, Evidence.FILE) else "words"


def _weak_document(answer):
    return "date" if answer.attachment_id or answer.link else "file"


def _state_flaw(answer):
    if answer.state == AnswerState.DISPROVED:
        return _("This turned out not to be so.")
    if answer.state == AnswerState.CLAIMED:
        return _("Claimed by us; the buyer has not confirmed it.")
    return ""


def _buyer_flaw(answer, definition, house):
    if not definition.needs_buyer:
        return ""
    if answer.contact_id is None:
        return _("Say who on the buyer's side confirmed it.")
    if house.is_ours(answer.contact):
        return _("%s is one of us, not the buyer.") % answer.contact.name
    if answer.activity_id is None:
        return _("Name the conversation in which the buyer confirmed it.")
    if not answer.activity.from_buyer:
        return _("The buyer took no part in this. Name the conversation in which they confirmed it.")
    return ""


WANTED = {
    Evidence.WHO: gettext_lazy("Name the conversation in which the buyer confirmed it."),
    Evidence.WORDS: gettext_lazy("Add one sentence of the buyer, or a link."),
    Evidence.OWN: gettext_lazy(
        "Add something the buyer made: their mail, an accepted invitation, a signed note."
    ),
    Evidence.FILE: gettext_lazy("Attach the document."),
}


def _evidence_flaw(answer, definition, house):
    if evidence_rank(evidence_of(answer)) < evidence_rank(definition.evidence):
        return str(WANTED[definition.evidence])
    if answer.words and definition.evidence == Evidence.WORDS and not (answer.attachment_id or answer.link):
        return normalise.flaw(answer.words, extra=house.placeholders) or ""
    return ""


def _value_flaw(answer, definition, house):
    if definition.kind in YES_KINDS:
        return "" if answer.yes else _("Not confirmed yet.")
    if definition.kind in FACT_KINDS:
        return ""  # the fact itself is read by the gate
    check = _VALUES.get(definition.kind)
    return (
        check(answer, definition, house) if check else _("This could not be checked; an admin has to look.")
    )


def _text(answer, definition, house):
    return (
        normalise.flaw(
            answer.text,
            min_length=definition.min_length,
            min_items=definition.min_items,
            extra=house.placeholders,
        )
        or ""
    )


def _choice(answer, definition, house):
    if definition.choice_list and answer.text not in definition.choice_list:
        return _("Choose one of: %s.") % ", ".join(definition.choice_list)
    return "" if answer.text else _("Choose one.")


def _number(answer, definition, house):
    if answer.number is None:
        return _("Give a number.")
    return _range_flaw(answer.number, definition)


def _range_flaw(value, definition):
    if definition.minimum is not None and value < definition.minimum:
        return _("At least %s is asked.") % f"{definition.minimum.normalize():f}"
    if definition.maximum is not None and value > definition.maximum:
        return _("At most %s is possible.") % f"{definition.maximum.normalize():f}"
    return ""


def _money(answer, definition, house):
    if answer.number is None or answer.number <= 0:
        return _("Give an amount above zero.")
    if definition.choice_list and answer.text and answer.text not in definition.choice_list:
        return _("Choose one of: %s.") % ", ".join(definition.choice_list)
    return _range_flaw(answer.number, definition)


def _date(answer, definition, house):
    if answer.day is None:
        return _("Give a date.")
    said = answer.activity.happened_at if answer.activity_id else answer.recorded_at
    if definition.future and answer.day < local_date(said, house.organisation):
        return _("The date lies before the conversation.")
    return ""


def _contact(answer, definition, house):
    if answer.person_id is None:
        return _("Name the person.")
    if house.is_ours(answer.person):
        return _("%s is one of us, not the buyer.") % answer.person.name
    return ""


def _file_or_link(answer, definition, house):
    if not (answer.attachment_id or answer.link):
        return _("Attach a file or give a link.")
    if definition.with_date and answer.day is None:
        return _("Give the document's date.")
    if definition.with_date and answer.day > local_date(answer.recorded_at, house.organisation):
        return _("The document's date lies ahead.")
    return ""


_VALUES = {
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.CONTACT: _contact,
    Kind.FILE_OR_LINK: _file_or_link,
}


def _holds_until(answer, definition, house):
    return runs_out(
        answer.activity.happened_at if answer.activity_id else answer.recorded_at, definition, house
    )


def runs_out(said, definition, house):
    """The last day something said then counts; None where it does not run out."""
    if not definition.expires_after_days:
        return None
    return local_date(said, house.organisation) + timedelta(days=definition.expires_after_days)
