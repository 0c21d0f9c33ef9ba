"""What judging.judge asks of one answer, as conditions over all answers to a criterion.

Every check of judge() is a `Check` here, in the same order. Where a check reads what was typed (placeholders, lengths,
items), no engine can do it: SQL goes by what reading came to (measures.py), and where nobody has read a text yet,
Python judges, answer by answer. A property test proves that all agree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from pipeline.vocabulary import FACT_KINDS, YES_KINDS, Evidence, Kind, evidence_rank

from ..input import normalise
from ..models import ActivityKind, AnswerState
from ..rows.looked import Looked
from . import judging
from .colleagues import ours

HOLDS_BACK = 0
LONGEST_FLAW = 200


@dataclass(frozen=True)
class Check:
    """One reason why an answer may not open. `key` names it: an answer that opens has passed every check of its key.

    `flawed` is a condition over answers; `flaw` says what is wrong with a row of values, "" if nothing. Where the
    column named by `measure` is NULL, only `flaw` can tell. `words` says the same in SQL, None where it takes reading.
    """

    key: tuple
    flawed: Q
    flaw: Callable
    measure: str = ""
    words: object = None


def checks(definition, house):
    """All checks of a definition, in judge()'s order. None for a kind that has no expression."""
    value = _value_checks(definition, house)
    if value is None:
        return None
    return [*_state_checks(), *value, *_buyer_checks(definition), *_evidence_checks(definition, house)]


def _plain(key, flawed, words):
    return Check(key, flawed, lambda row: words, words=Value(words[:LONGEST_FLAW]))


def _state_checks():
    return [
        _plain(("disproved",), Q(state=AnswerState.DISPROVED), _("This turned out not to be so.")),
        _plain(
            ("claimed",), Q(state=AnswerState.CLAIMED), _("Claimed by us; the buyer has not confirmed it.")
        ),
    ]


def _value_checks(definition, house):
    if definition.kind in FACT_KINDS and definition.kind not in YES_KINDS:
        return []
    if definition.kind in YES_KINDS:
        return [_plain(("yes",), Q(yes__isnull=True) | Q(yes=False), _("Not confirmed yet."))]
    made = _VALUES.get(definition.kind)
    return made(definition, house) if made else None


def _text(definition, house):
    extra, limit, least = house.placeholders, definition.min_length, definition.min_items
    nothing = Q(text="") | Q(text_says=False)  # an empty one need not have been read
    found = [_read("text_says", ("text",), nothing, lambda text: normalise.flaw(text, extra=extra))]
    if limit:
        short = Q(text_length__lt=limit)
        found.append(_measured("text_length", ("min_length", limit), short, normalise.short_words, limit, ()))
    if least:
        few = Q(text_items__lt=least)
        found.append(_measured("text_items", ("min_items", least), few, normalise.few_words, least, extra))
    return found


def _read(measure, key, flawed, flaw):
    return Check(key, flawed, lambda row: flaw(row["text"]) or "", measure)


def _measured(measure, key, flawed, words, limit, extra):
    """A limit whose words need no more than the number; a text nobody has read is counted now."""

    def flaw(row):
        given = _counted(measure, row["text"], extra) if row[measure] is None else row[measure]
        return words(given, limit) if given < limit else ""

    said = Looked(measure, {given: words(given, limit)[:LONGEST_FLAW] for given in range(limit)})
    return Check(key, flawed, flaw, measure, said)


def _counted(measure, text, extra):
    return normalise.told_length(text) if measure == "text_length" else len(normalise.items(text, extra))


def _choice(definition, house):
    words = _("Choose one of: %s.") % ", ".join(definition.choice_list)
    found = [_plain(("chosen",), Q(text=""), _("Choose one."))]
    if definition.choice_list:
        other = ~Q(text__in=definition.choice_list)
        found.insert(0, _plain(("choices", *definition.choice_list), other, words))
    return found


def _number(definition, house):
    return [_plain(("number",), Q(number__isnull=True), _("Give a number.")), *_range(definition)]


def _range(definition):
    """A limit of the definition, as words of the same function judge() takes them from."""
    low, high = definition.minimum, definition.maximum
    found = []
    if low is not None:
        words = _("At least %s is asked.") % f"{low.normalize():f}"
        found.append(_plain(("minimum", low), Q(number__lt=low), words))
    if high is not None:
        words = _("At most %s is possible.") % f"{high.normalize():f}"
        found.append(_plain(("maximum", high), Q(number__gt=high), words))
    return found


def _money(definition, house):
    nothing = Q(number__isnull=True) | Q(number__lte=0)
    found = [_plain(("money",), nothing, _("Give an amount above zero."))]
    if definition.choice_list:
        words = _("Choose one of: %s.") % ", ".join(definition.choice_list)
        other = ~Q(text="") & ~Q(text__in=definition.choice_list)
        found.append(_plain(("source", *definition.choice_list), other, words))
    return found + _range(definition)


def _date(definition, house):
    found = [_plain(("date",), Q(day__isnull=True), _("Give a date."))]
    if definition.future:
        words = _("The date lies before the conversation.")
        found.append(_plain(("future",), Q(day__lt=said_on(house)), words))
    return found


def _contact(definition, house):
    return [
        _plain(("person",), Q(person__isnull=True), _("Name the person.")),
        Check(
            ("person theirs",),
            ours("person__"),
            lambda row: _("%s is one of us, not the buyer.") % row["person__name"],
        ),
    ]


def _file_or_link(definition, house):
    nothing = Q(attachment__isnull=True, link="")
    found = [_plain(("document",), nothing, _("Attach a file or give a link."))]
    if definition.with_date:
        recorded = TruncDate("recorded_at", tzinfo=ZoneInfo(house.organisation.time_zone))
        found.append(_plain(("dated",), Q(day__isnull=True), _("Give the document's date.")))
        found.append(_plain(("dated, past",), Q(day__gt=recorded), _("The document's date lies ahead.")))
    return found


_VALUES = {
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.CONTACT: _contact,
    Kind.FILE_OR_LINK: _file_or_link,
}


def _buyer_checks(definition):
    if not definition.needs_buyer:
        return []
    absent = _("The buyer took no part in this. Name the conversation in which they confirmed it.")
    unnamed = _("Name the conversation in which the buyer confirmed it.")
    return [
        _plain(("who",), Q(contact__isnull=True), _("Say who on the buyer's side confirmed it.")),
        Check(
            ("who, theirs",),
            ours("contact__"),
            lambda row: _("%s is one of us, not the buyer.") % row["contact__name"],
        ),
        _plain(("talk",), Q(activity__isnull=True), unnamed),
        _plain(("talk, theirs",), Q(activity__from_buyer=False), absent),
    ]


# Evidence level -> condition over answers that reach it by this alone.
_REACHED = {
    Evidence.FILE: Q(attachment__isnull=False),
    Evidence.OWN: Q(activity__isnull=False, activity__kind=ActivityKind.INVITATION),
    Evidence.WORDS: ~Q(words="") | ~Q(link=""),
    Evidence.WHO: Q(contact__isnull=False, activity__isnull=False),
}


def _evidence_checks(definition, house):
    asked = evidence_rank(definition.evidence)
    if not asked:
        return []
    reached = Q()
    for level, condition in _REACHED.items():
        if evidence_rank(level) >= asked:
            reached |= condition
    too_little = Case(When(reached, then=Value(1)), default=Value(0), output_field=IntegerField())
    wanted = str(judging.WANTED[definition.evidence])
    found = [_plain(("evidence", definition.evidence), is_zero(too_little), wanted)]
    if definition.evidence == Evidence.WORDS:
        quoted = ~Q(words="") & Q(attachment__isnull=True, link="", words_say=False)
        found.append(Check(("words",), quoted, lambda row: _words_flaw(row, house), "words_say"))
    return found


def is_zero(expression):
    return Q(Exact(expression, HOLDS_BACK))


def _words_flaw(row, house):
    if not row["words"] or row["attachment_id"] or row["link"]:
        return ""
    return normalise.flaw(row["words"], extra=house.placeholders) or ""


def said_on(house):
    """The local date of the conversation an answer comes from, else of its recording."""
    moment = Coalesce("activity__happened_at", "recorded_at")
    return TruncDate(moment, tzinfo=ZoneInfo(house.organisation.time_zone))
