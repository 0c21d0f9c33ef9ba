"""What people type and what exports hold, read the way it was meant, or refused with an example."""

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from .dates import day
from .money import SEVERAL, code_of, is_currency
from .normalise import clean
from .typed import ParseError, plain

__all__ = ["ParseError", "amount", "amount_range", "currency", "day", "number", "whole", "yes"]

MAXIMUM = Decimal("999999999999.99")
_TIMES = {
    "k": 3, "tsd": 3, "thousand": 3, "tausend": 3, "m": 6, "mm": 6, "mn": 6, "mio": 6, "mill": 6, "mln": 6,
    "million": 6, "millions": 6, "millionen": 6, "b": 9, "bn": 9, "mrd": 9, "billion": 9, "milliarden": 9,
}  # fmt: skip
_NUMBER = re.compile(
    r"(?P<before>[^\d+-]*?)(?P<sign>[+-]?)(?P<between>[^\d+-]*?)(?P<digits>[.,]?\d[\d.,' ]*)(?P<after>.*)"
)
_GROUPED = re.compile(r"\d{1,3}(?:(?P<by>[.,' ])\d{3})(?:(?P=by)\d{3})*")
_DECIMAL = re.compile(
    r"(?P<whole>\d+|\d{1,3}(?:(?P<by>[.,' ])\d{3})(?:(?P=by)\d{3})*)?(?P<point>[.,])(?P<part>\d+)"
)
_RANGE = re.compile(r"(?<=[^\s+-])\s*(?:-|\.{2,3}|(?<=[\s\d])(?:to|bis)(?=[\s\d]))\s*(?=\S)", re.IGNORECASE)
_YES = frozenset("yes y yep true t 1 on ja j wahr x ✓ ✔ ☑ oui o si sí s vrai да".split())  # noqa: SIM905
_NO = frozenset("no n nope false f 0 off nein falsch non ✗ ✘ ☐ faux нет".split())  # noqa: SIM905


def _not_an_amount(text):
    return ParseError(
        _("“%(text)s” is not an amount I can read. Write it like 86000, 86,000.50 or 86k.") % {"text": text}
    )


def _not_a_number(text):
    return ParseError(
        _("“%(text)s” is not a number I can read. Write it like 1200 or 12.5.") % {"text": text}
    )


def _decimal(digits):
    """The number in "86.000", "1.234,50", "1'000" or ".5"; None where the separators make no sense."""
    if digits.isdigit():
        return Decimal(digits)
    if _GROUPED.fullmatch(digits) and not re.match(r"0+[.,' ]", digits):
        return Decimal(re.sub(r"\D", "", digits))
    found = _DECIMAL.fullmatch(digits)
    if not found or found["by"] == found["point"]:
        return None
    return Decimal(f"{re.sub(r'[^0-9]', '', found['whole'] or '0')}.{found['part']}")


def _scale(after):
    """The power of ten in "k", "Mio. €" or "T€", and 0 for a currency alone; None for anything else."""
    word = after.strip(" .").lower()
    if not word or is_currency(word):
        return 0
    if word[0] == "t" and is_currency(word[1:]):
        return 3
    unit = re.match(r"[a-z]*", word)[0]
    for length in range(len(unit), 0, -1):
        rest = word[length:].strip(" .")
        if word[:length] in _TIMES and (not rest or is_currency(rest)):
            return _TIMES[word[:length]]
    return None


def _parts(text):
    """Sign, number as written and power of ten; None if it is not an amount."""
    text = re.sub(r"[.,]-{1,2}(?=\D*$)", "", plain(text))  # "86.000,-"
    if re.fullmatch(r"\(.*\)", text):
        text = f"-{text[1:-1]}"
    found = _NUMBER.fullmatch(text)
    if not found or not all(
        not part.strip() or is_currency(part) for part in found.group("before", "between")
    ):
        return None
    digits, scale = found["digits"].strip(), _scale(found["after"])
    number = _decimal(digits.removesuffix(".").removesuffix(","))
    # "1.250k": a thousand and a quarter, or a million? Both are written.
    unclear = scale and re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits)
    return None if number is None or scale is None or unclear else (found["sign"], number, scale)


def _checked(sign, value, maximum):
    if sign == "-" and value:
        raise ParseError(_("An amount must not be negative. Write it like 86000."))
    if value > maximum:
        raise ParseError(
            _("This is more than %(maximum)s, the most that can be kept.") % {"maximum": f"{maximum:,}"}
        )
    if value != round(value, 2):
        raise ParseError(_("An amount has at most two decimals. Write it like 86000.50."))
    return value.quantize(Decimal("0.01")) if value % 1 else value.quantize(Decimal(1))


def amount(text, *, maximum=MAXIMUM):
    """Money without its currency: "86.000", "1,234.50", "€86k", "1,2 Mio. €". "1.250k" is refused as unclear."""
    parts = _parts(text)
    if not parts:
        raise _not_an_amount(clean(text))
    sign, number, scale = parts
    return _checked(sign, number.scaleb(scale), maximum)


def _inherited(low, high):
    """The low end's power of ten: "60-90k" is 60k, "60000-90k" is not; None where neither is sure."""
    if low[2] or not high[2] or low[1] >= Decimal(10) ** high[2]:
        return low[2]
    return high[2] if low[1] <= high[1] else None


def amount_range(text, *, maximum=MAXIMUM):
    """(low, high), high None for a single amount. In "60-90k" both ends are thousands."""
    ends = _RANGE.split(re.sub(r"[.,]-{1,2}(?=\D|$)", "", plain(text)))
    if len(ends) == 1:
        return amount(text, maximum=maximum), None
    low, high = (_parts(end) for end in ends) if len(ends) == 2 else (None, None)
    scale = _inherited(low, high) if low and high else None
    if scale is None:
        raise ParseError(
            _("“%(text)s” is not a range I can read. Write it like 60-90k.") % {"text": clean(text)}
        )
    first = _checked(low[0], low[1].scaleb(scale), maximum)
    last = _checked(high[0], high[1].scaleb(high[2]), maximum)
    if first > last:
        raise ParseError(_("The lower end is above the higher one. Write the smaller first, like 60-90k."))
    return first, last


def _within(value, minimum, maximum):
    least, most = -MAXIMUM if minimum is None else minimum, MAXIMUM if maximum is None else maximum
    if value < least:
        raise ParseError(_("This must be at least %(least)s.") % {"least": least})
    if value > most:
        raise ParseError(_("This must be at most %(most)s.") % {"most": most})
    return value


def number(text, minimum=None, maximum=MAXIMUM, *, places=2):
    """A Decimal of any sign, separators as in amounts; "40%" is 40."""
    found = re.fullmatch(r"([+-]?) ?([\d.,' ]*\d)(?: ?%)?", plain(text))
    value = _decimal(found[2]) if found else None
    if value is None:
        raise _not_a_number(clean(text))
    value = _within(value.copy_negate() if found[1] == "-" else value, minimum, maximum)
    if -value.as_tuple().exponent > places:
        raise ParseError(
            _("A number has at most %(places)d decimals. Write it like 12.5.") % {"places": places}
        )
    return value + 0  # minus zero is zero


def whole(text, minimum=None, maximum=MAXIMUM):
    """An int; "12.0" is 12."""
    value = number(text, minimum, maximum)
    if value % 1:
        raise ParseError(_("“%(text)s” is not a whole number. Write it like 12.") % {"text": clean(text)})
    return int(value)


def yes(text):
    """True or False from yes/no, true/false, 1/0, ja/nein, a tick."""
    word = plain(text).lower().strip(" .!")
    if word not in _YES | _NO:
        raise ParseError(_("“%(text)s” is neither yes nor no. Write yes or no.") % {"text": clean(text)})
    return word in _YES


def currency(text):
    """The ISO code of a code or a sign."""
    word = plain(text)
    several = SEVERAL.get(word.strip(" .").lower())
    if several:
        raise ParseError(
            _("“%(text)s” names several currencies. Write one of %(several)s.")
            % {"text": word, "several": several}
        )
    code = code_of(word)
    if not code:
        raise ParseError(_("“%(text)s” is not a currency. Write its code, like EUR.") % {"text": word})
    return code
