"""Judging many answers at once: what judging.judge says of one answer, said in SQL for all answers of a criterion.

Every check of judge() is a `Check` here, in the same order. Where a check reads what was typed (placeholders, lengths,
items), no engine can do it: SQL finds the answers it concerns, Python judges those, answer by answer. A property test
proves that both agree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.db.models.lookups import Exact, GreaterThanOrEqual
from django.utils.translation import gettext as _

from pipeline.vocabulary import FACT_KINDS, YES_KINDS, Evidence, Kind, evidence_rank

from . import judging, normalise
from .colleagues import ours
from .models import ActivityKind, AnswerState

HOLDS_BACK = 0


@dataclass(frozen=True)
class Check:
    """One reason why an answer may not open. `key` names it: an answer that opens has passed every check of its key.

    `flawed` is a condition over answers; None where only Python can tell (`flaw`, of a row of values).
    """

    key: tuple
    flawed: Q | None
    flaw: Callable

    @property
    def is_sql(self):
        return self.flawed is not None


@dataclass(frozen=True)
class Verdict:
    """What an answer of a deal comes to, beside what is stored of it."""

    pk: int
    deal_id: int
    was: tuple
    now: tuple

    @property
    def differs(self):
        return self.was != self.now


def checks(definition, house):
    """All checks of a definition, in judge()'s order. None for a kind that has no expression."""
    value = _value_checks(definition, house)
    if value is None:
        return None
    return [*_state_checks(), *value, *_buyer_checks(definition), *_evidence_checks(definition, house)]


def _plain(key, flawed, words):
    return Check(key, flawed, lambda row: words)


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
    extra = house.placeholders
    found = [Check(("text",), None, lambda row: normalise.flaw(row["text"], extra=extra) or "")]
    if limit := definition.min_length:
        short = Check(("min_length", limit), None, lambda row: normalise.too_short(row["text"], limit) or "")
        found.append(short)
    if least := definition.min_items:
        few = Check(
            ("min_items", least), None, lambda row: normalise.too_few(row["text"], least, extra) or ""
        )
        found.append(few)
    return found


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
    found = [_plain(("evidence", definition.evidence), _is_zero(too_little), wanted)]
    if definition.evidence == Evidence.WORDS:
        found.append(Check(("words",), None, lambda row: _words_flaw(row, house)))
    return found


def _is_zero(expression):
    return Q(Exact(expression, HOLDS_BACK))


def _words_flaw(row, house):
    if not row["words"] or row["attachment_id"] or row["link"]:
        return ""
    return normalise.flaw(row["words"], extra=house.placeholders) or ""


def said_on(house):
    """The local date of the conversation an answer comes from, else of its recording."""
    moment = Coalesce("activity__happened_at", "recorded_at")
    return TruncDate(moment, tzinfo=ZoneInfo(house.organisation.time_zone))


_READ_BY = {
    "text": ["text"], "min_length": ["text"], "min_items": ["text"], "words": ["words", "attachment_id", "link"],
    "person theirs": ["person__name"], "who, theirs": ["contact__name"],
}  # fmt: skip


def verdicts(answers, definition, house, passed=frozenset()):
    """A Verdict for every answer of the queryset, which are all to this criterion.

    `passed`: keys of checks that answers stored as opening are known to pass; see known_passed. None where the kind
    has no expression: judge those one by one.
    """
    asked = checks(definition, house)
    if asked is None:
        return None
    return _verdicts(answers, definition, house, asked, passed)


def _verdicts(answers, definition, house, asked, passed):
    columns = {name for check in asked for name in _READ_BY.get(check.key[0], [])}
    rows = answers.order_by().annotate(first_flaw=_first_flaw(asked), said=said_on(house))
    names = ["pk", "deal_id", "opens", "flaw", "holds_until", "first_flaw", "said", *sorted(columns)]
    for row in rows.values(*names).iterator(chunk_size=5000):
        flaw = _flaw(row, asked, passed)[:200]
        until = _holds_until(row["said"], definition) if not flaw else None
        was = (row["opens"], row["flaw"], row["holds_until"])
        yield Verdict(row["pk"], row["deal_id"], was, (not flaw, flaw, until))


def _first_flaw(asked):
    """Number of the first check that SQL can tell to be flawed, NULL where there is none."""
    whens = [When(check.flawed, then=Value(number)) for number, check in enumerate(asked) if check.is_sql]
    return Case(*whens, default=Value(None), output_field=IntegerField())


def _flaw(row, asked, passed):
    number = row["first_flaw"]
    for place, check in enumerate(asked):
        if place == number:
            return check.flaw(row)
        if not check.is_sql and not (row["opens"] and check.key in passed) and (flaw := check.flaw(row)):
            return flaw
    return ""


def _holds_until(said, definition) -> date | None:
    if not definition.expires_after_days:
        return None
    return said + timedelta(days=definition.expires_after_days)


def known_passed(definition, house):
    """Keys of the checks that an answer which opens under this definition has passed."""
    return frozenset(check.key for check in checks(definition, house) or [])


def opening(definition, house, today, passed=frozenset()):
    """(condition over current answers, checks left to Python): which would open and still hold on that day.

    None where the kind has no expression.
    """
    asked = checks(definition, house)
    if asked is None:
        return None
    flawed = [check for check in asked if check.is_sql]
    still = _unflawed([check for check in flawed if check.key not in passed])
    condition = Q(opens=True) & still if passed else Q()
    if passed:
        condition |= Q(opens=False) & _unflawed(flawed)
    else:
        condition = _unflawed(flawed)
    if definition.expires_after_days:
        condition &= Q(_at_least(said_on(house), today - timedelta(days=definition.expires_after_days)))
    return condition, [check for check in asked if not check.is_sql]


def _at_least(expression, day):
    return GreaterThanOrEqual(expression, day)


def _unflawed(flawed):
    """Through a Case, since a negated condition is neither true nor false of what is unknown."""
    if not flawed:
        return Q()
    whens = [When(check.flawed, then=Value(1)) for check in flawed]
    return _is_zero(Case(*whens, default=Value(HOLDS_BACK), output_field=IntegerField()))
