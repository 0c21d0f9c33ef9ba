"""What all readers of typed text share: plain characters in, one kind of refusal out."""

import unicodedata

from django.utils.translation import gettext as _

from .normalise import clean

LONGEST = 60  # of a number or a date anybody means
_MARKS = {"−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "٫": ".", "٬": ",", "’": "'", "ʼ": "'", "٪": "%"}


class ParseError(ValueError):
    """Says what is wrong with the text and shows one that is right."""


def plain(text):
    """Cleaned, with the digits and signs of every script as ASCII ones."""
    text = clean(text)
    if len(text) > LONGEST:
        raise ParseError(
            _("This is too long: at most %(limit)d characters are read here.") % {"limit": LONGEST}
        )
    text = "".join(_MARKS.get(char, char) for char in text)
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in text)
