"""What is on record for a criterion, as one would say it to the buyer."""

import re

from django.utils.translation import gettext as _

from pipeline.vocabulary import FACT_KINDS, Kind

from ..models import AnswerState
from ..templatetags.deal_tags import said

LONGEST = 1000
# What a label says of the buyer, said to the buyer. Labels are the admin's own words; what does not fit stays.
_SPOKEN = [
    (re.compile(r"^(the (buyer|partner|customer)) has\b", re.IGNORECASE), "You have"),
    (re.compile(r"^(the (buyer|partner|customer)) is\b", re.IGNORECASE), "You are"),
    (re.compile(r"^(the (buyer|partner|customer))\b(?!['’]s)", re.IGNORECASE), "You"),
    (re.compile(r"\bthe (buyer|partner|customer)['’]s\b", re.IGNORECASE), "your"),
    (re.compile(r"\bthe (buyer|partner|customer)\b", re.IGNORECASE), "you"),
    (re.compile(r"\bthey\b"), "you"),
    (re.compile(r"\btheir\b"), "your"),
]
# Settled by an activity on record or on pages of their own; a recap puts no such thing to the buyer.
_ELSEWHERE = {Kind.ACTIVITY, Kind.APPROVAL, Kind.NO_OPEN_OBJECTION}


def can_be_put(definition, answer):
    """Whether an answer is something a buyer can say yes to."""
    if not definition.needs_buyer or definition.kind in _ELSEWHERE or answer.yes is False:
        return False
    return answer.state != AnswerState.DISPROVED


def addressed(label):
    """'The buyer named their deadline' becomes 'You named your deadline'."""
    for pattern, words in _SPOKEN:
        label = pattern.sub(words, label)
    return label[:1].upper() + label[1:]


def value_of(answer, definition):
    """The value alone: an amount, a date, a name, what was said."""
    if definition.kind == Kind.DEAL_FIELD:
        return "; ".join(_facts(answer.deal, definition))
    file = answer.attachment.name if answer.attachment_id else ""
    found = " · ".join(filter(None, [said(answer), file, answer.link]))
    if not found and definition.kind not in FACT_KINDS:
        found = f"“{answer.words}”" if answer.words else ""
    return "; ".join(found.splitlines())


def _facts(deal, definition):
    for name in definition.deal_field_list:
        value = getattr(deal, name, None)
        if value not in (None, ""):
            yield str(value)


def statement_of(answer, definition):
    """One statement with what is on record, ready to be confirmed."""
    label, value = addressed(definition.label), value_of(answer, definition)
    text = _("%(what)s: %(value)s") % {"what": label, "value": value} if value else label
    text = text[:LONGEST].rstrip()
    return text if text[-1:] in ".!?…”" else f"{text}."


def on_record(line, definition):
    """What our record says word for word, where the statement was put in other words; else ''."""
    text = statement_of(line.answer, definition)
    return "" if text == line.statement else text
