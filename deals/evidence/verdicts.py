"""Judging many answers at once: what judging.judge says of one answer, said in SQL for all answers of a criterion."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, CharField, DateField, IntegerField, Q, Value, When
from django.db.models.lookups import GreaterThanOrEqual

from ..rows.looked import DaysAfter
from .checks import HOLDS_BACK, LONGEST_FLAW, checks, is_zero, said_on


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
    columns |= {check.measure for check in asked if check.measure}
    rows = answers.order_by().annotate(first_flaw=_first_flaw(asked), said=said_on(house))
    names = ["pk", "deal_id", "opens", "flaw", "holds_until", "first_flaw", "said", *sorted(columns)]
    for row in rows.values(*names).iterator(chunk_size=5000):
        flaw = _flaw(row, asked, passed)[:LONGEST_FLAW]
        until = _holds_until(row["said"], definition) if not flaw else None
        was = (row["opens"], row["flaw"], row["holds_until"])
        yield Verdict(row["pk"], row["deal_id"], was, (not flaw, flaw, until))


def takes_reading(asked, passed):
    """Condition over answers: all of which SQL cannot say it alone are among them."""
    found = Q(pk__in=[])
    for check in asked:
        found |= _unread(check, passed) if check.measure else Q()
        found |= check.flawed if check.words is None else Q()
    return found


def told(asked, passed, definition, house):
    """{name: expression} of what SQL can say of answers: the flaw, empty where there is none and NULL where it takes
    reading, and until when an answer without one holds."""
    whens = [when for check in asked for when in _told_of(check, passed)]
    flaw = Case(*whens, default=Value(""), output_field=CharField())
    days = definition.expires_after_days
    until = DaysAfter(said_on(house), days) if days else Value(None, output_field=DateField())
    return {"flaw": flaw, "holds_until": until}


def _told_of(check, passed):
    """What `_flaw` goes by, in its order."""
    if check.measure:
        yield When(_unread(check, passed), then=Value(None))
    yield When(check.flawed, then=Value(None) if check.words is None else check.words)


def _unread(check, passed):
    """Nobody has read the text, and it is not known to pass."""
    unread = Q(**{f"{check.measure}__isnull": True})
    return unread & Q(opens=False) if check.key in passed else unread


def _first_flaw(asked):
    """Number of the first check that SQL can tell to be flawed, NULL where there is none."""
    whens = [When(check.flawed, then=Value(number)) for number, check in enumerate(asked)]
    return Case(*whens, default=Value(None), output_field=IntegerField())


def _flaw(row, asked, passed):
    number = row["first_flaw"]
    for place, check in enumerate(asked):
        if place == number:
            return check.flaw(row)
        if (
            _is_unread(check, row)
            and not (row["opens"] and check.key in passed)
            and (flaw := check.flaw(row))
        ):
            return flaw
    return ""


def _is_unread(check, row):
    return check.measure and row[check.measure] is None


def _holds_until(said, definition) -> date | None:
    if not definition.expires_after_days:
        return None
    return said + timedelta(days=definition.expires_after_days)


def known_passed(definition, house):
    """Keys of the checks that an answer which opens under this definition has passed."""
    return frozenset(check.key for check in checks(definition, house) or [])


def opening(definition, house, today, passed=frozenset(), *, is_open=False):
    """(condition over current answers, checks that measure): which would open and still hold on that day.

    Where a measure is NULL, the check has still to be made. None where the kind has no expression. `is_open`: asked of
    those alone that are stored as opening.
    """
    asked = checks(definition, house)
    if asked is None:
        return None
    still = _unflawed([check for check in asked if check.key not in passed])
    if is_open:
        condition = Q(opens=True) & still
    elif passed:
        condition = (Q(opens=True) & still) | (Q(opens=False) & _unflawed(asked))
    else:
        condition = _unflawed(asked)
    if definition.expires_after_days:
        condition &= Q(_at_least(said_on(house), today - timedelta(days=definition.expires_after_days)))
    return condition, [check for check in asked if check.measure]


def _at_least(expression, day):
    return GreaterThanOrEqual(expression, day)


def _unflawed(flawed):
    """Through a Case, since a negated condition is neither true nor false of what is unknown."""
    if not flawed:
        return Q()
    whens = [When(check.flawed, then=Value(1)) for check in flawed]
    return is_zero(Case(*whens, default=Value(HOLDS_BACK), output_field=IntegerField()))
