"""Reading one row's cells by field, with what is wrong about each."""

import re
from datetime import datetime, time
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from ..input import money, parsing
from ..input.normalise import clean, flaw
from .report import ERROR, NOTE, Problem

_BETWEEN_NUMBERS = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}")
_NUMERIC = re.compile(r"[-\d.,' \s()]+")


@lru_cache(10_000)
def _says_nothing(text):
    """As on a page; but in the files of others X may be a company, and A a deal."""
    return flaw(text) is not None and not (len(text) == 1 and text.isalpha())


class Cells:
    """One row: `text(field)` is its first filled cell for a field; problems gather as it is read."""

    def __init__(self, readers, line, cells, places, header):
        self.line, self.problems = line, []
        self._readers, self._cells, self._places, self._header = readers, cells, places, header

    def text(self, field, limit=None):
        """Cleaned, cut to `limit` with a note; empty where there is none."""
        for place in self._places.get(field, ()):
            if value := self._readers.clean(self._cells[place]):
                return self._cut(field, value, limit)
        return ""

    def said(self, field, limit=None):
        """The same of what has to say something: a placeholder such as n/a is left out, with a note."""
        value = self.text(field, limit)
        if value and _says_nothing(value):
            self.note(field, value, _("“%s” says nothing; it was left out.") % value)
            return ""
        return value

    def _cut(self, field, value, limit):
        if limit is None or len(value) <= limit:
            return value
        self.note(field, value, _("Longer than %d characters; the end was cut off.") % limit)
        return value[:limit].rstrip()

    def note(self, field, value, reason):
        self.problems.append(Problem(self.line, self._column(field), value[:200], str(reason), NOTE))

    def error(self, field, value, reason):
        self.problems.append(Problem(self.line, self._column(field), value[:200], str(reason), ERROR))

    def _column(self, field):
        places = self._places.get(field)
        return self._header[places[0]] if places else ""

    def parsed(self, field, reader, *, level=ERROR):
        """What the reader makes of the cell; None where it is empty or cannot be read."""
        value = self.text(field)
        if not value:
            return None
        try:
            return reader(value)
        except parsing.ParseError as problem:
            say = self.error if level == ERROR else self.note
            say(field, value, problem)
            return None

    def day(self, field, level=ERROR):
        """A day; without a year it is the coming one for a plan, the past one for what happened."""
        past = field not in ("expected_close", "next_step_on")
        return self.parsed(field, lambda text: self._readers.day(text, past), level=level)

    @property
    def rejected(self):
        return any(problem.level == ERROR for problem in self.problems)


class Readers:
    """Parsers that remember: exports say the same day, stage and product thousands of times."""

    def __init__(self, today, zone, month_first):
        self.clean = cache(clean)
        self.day = cache(
            lambda text, past: parsing.day(text, today=today, month_first=month_first, past=past)
        )
        self.amount = cache(parsing.amount)
        self.moment = cache(lambda day: datetime.combine(day, time(12), ZoneInfo(zone)))
        self.email = cache(email)


def email(text):
    """A lower-case address; ParseError where it is none."""
    try:
        validate_email(text)
    except ValidationError as error:
        raise parsing.ParseError(_("This is not an e-mail address; it was left out.")) from error
    return text.lower()


def percent(text):
    return parsing.whole(str(round(parsing.number(text, 0, 100, places=6))))


def currency_within(text):
    """The code of the currency written beside an amount, None where there is none."""
    return money.code_of(_NUMERIC.sub("", text)) if text else None


class DateOrder:
    """Whether 03/04/2026 is in March or April, by what the other dates of the file leave possible."""

    def __init__(self):
        self.day_first = self.month_first = 0
        self.example = ""

    def see(self, text):
        found = _BETWEEN_NUMBERS.match(text.strip())
        if not found:
            return
        one, two = int(found[1]), int(found[2])
        self.day_first += one > 12
        self.month_first += two > 12
        if one <= 12 and two <= 12 and one != two:
            self.example = self.example or text.strip()

    @property
    def is_month_first(self):
        return self.month_first > self.day_first

    @property
    def unclear(self):
        """A date that could be two days, where nothing in the file decides it."""
        return self.example if bool(self.day_first) == bool(self.month_first) else ""
