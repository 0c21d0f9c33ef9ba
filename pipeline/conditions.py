"""The words after "applies when": amount >= 25000 or discount_percent > 10 and deal_type = "renewal".

Comparisons joined by `and` and `or` (`and` binds tighter), without brackets. A comparison with something the
deal does not have (no amount yet, no discount, no deal type) does not hold.
"""

import operator
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

NUMBERS = ("amount", "discount_percent")
WORDS = ("deal_type",)
COMPARISONS = {
    ">=": (operator.ge, "gte"),
    "<=": (operator.le, "lte"),
    ">": (operator.gt, "gt"),
    "<": (operator.lt, "lt"),
    "=": (operator.eq, "exact"),
}
TOKEN = re.compile(
    r'\s*(?:(?P<name>[a-z_]+)|(?P<sign>>=|<=|[><=])|(?P<number>\d+(?:\.\d+)?)(?![\w.,])|"(?P<word>[^"]*)")',
    re.ASCII,
)


class ConditionError(ValueError):
    """The text is not a condition; the message names the position, counted from 1."""

    def __init__(self, position, expected, found):
        self.position = position
        at = _("“%(found)s” at character %(position)d") if found else _("the end, at character %(position)d")
        place = at % {"found": found, "position": position}
        super().__init__(_("Expected %(expected)s, not %(place)s.") % {"expected": expected, "place": place})


@dataclass(frozen=True)
class Comparison:
    field: str
    sign: str
    value: Decimal | str

    def holds(self, facts):
        known = facts[self.field]
        return known not in (None, "") and COMPARISONS[self.sign][0](known, self.value)

    def as_q(self):
        return Q(**{f"{self.field}__{COMPARISONS[self.sign][1]}": self.value})

    def in_words(self):
        if self.field == "deal_type":
            return _("deal type is “%(name)s”") % {"name": self.value}
        number = number_format(self.value, use_l10n=True, force_grouping=True)
        if self.field == "discount_percent":
            return _("discount %(range)s") % {"range": _range(self.sign, f"{number}%")}
        return _("amount %(range)s") % {"range": _range(self.sign, number)}

    def __str__(self):
        value = f'"{self.value}"' if self.field in WORDS else f"{self.value:f}"
        return f"{self.field} {self.sign} {value}"


@dataclass(frozen=True)
class Condition:
    """Any of the groups holds; a group holds when all its comparisons do."""

    groups: tuple[tuple[Comparison, ...], ...]

    def holds(self, *, amount=None, deal_type="", discount_percent=None):
        facts = {"amount": amount, "deal_type": deal_type, "discount_percent": discount_percent}
        return any(all(comparison.holds(facts) for comparison in group) for group in self.groups)

    def as_q(self):
        """The same over columns of these names. Not to be negated: SQL puts an unknown amount on neither side."""
        whole = Q()
        for group in self.groups:
            part = Q()
            for comparison in group:
                part &= comparison.as_q()
            whole |= part
        return whole

    def in_words(self):
        return self._joined(Comparison.in_words, _(" and "), _(" or "))

    def __str__(self):
        return self._joined(str, " and ", " or ")

    def _joined(self, shown, between, among):
        return among.join(between.join(shown(comparison) for comparison in group) for group in self.groups)


@lru_cache(maxsize=256)
def parse(text) -> Condition:
    """Raise ConditionError for anything that is not wholly a condition."""
    tokens = _tokens(text)
    groups = [[_comparison(tokens)]]
    while tokens[0][0] != "end":
        position, joint = tokens[0][2], tokens[0][1]
        if joint not in ("and", "or"):
            raise ConditionError(position, _("“and” or “or”"), joint)
        tokens.pop(0)
        if joint == "or":
            groups.append([])
        groups[-1].append(_comparison(tokens))
    return Condition(tuple(tuple(group) for group in groups))


def _comparison(tokens):
    field = _expect(tokens, "name", NUMBERS + WORDS)
    sign = _expect(tokens, "sign", ("=",) if field in WORDS else tuple(COMPARISONS))
    if field in WORDS:
        return Comparison(field, sign, _expect(tokens, "word"))
    return Comparison(field, sign, Decimal(_expect(tokens, "number")))


def _expect(tokens, kind, allowed=()):
    found, value, position = tokens[0]
    if found != kind or (allowed and value not in allowed) or not value.strip():
        words = {"number": _("a plain number such as 25000"), "word": _("a name in double quotes")}
        expected = words.get(kind) or _("one of %(names)s") % {"names": ", ".join(allowed)}
        raise ConditionError(position, expected, value)
    tokens.pop(0)
    return value


def _tokens(text):
    """A list of (kind, value, position), closed by ("end", "", position)."""
    text, at, tokens = text.rstrip(), 0, []
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise ConditionError(at + 1, _("a name, a sign, a number or a quoted word"), text[at:].split()[0])
        kind = match.lastgroup
        tokens.append((kind, match[kind], match.start(kind) + 1))
        at = match.end()
    return [*tokens, ("end", "", len(text) + 1)]


def _range(sign, value):
    return {
        ">=": _("from %(value)s"),
        "<=": _("up to %(value)s"),
        ">": _("above %(value)s"),
        "<": _("below %(value)s"),
        "=": _("of exactly %(value)s"),
    }[sign] % {"value": value}
