"""What a text says once everything that only looks like an answer is taken away."""

import re
import unicodedata
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .placeholders import EMPTY_DATE, WORDS

# Letters, marks and symbols that Unicode files elsewhere but that show nothing (default-ignorable, blanks).
_INVISIBLE = frozenset(
    [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x2800, 0x3164, 0xFFA0, 0xFFFC, 0x16FE4, 0x1D159]
    + [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000)]
)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SPELLED = str.maketrans({"´": "'", "‘": "'", "’": "'"})
_FRACTION = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")
_POWER = re.compile(r"(?<=\d)(?=[²³¹⁰⁴-⁹])")
_REPEATED = re.compile(r"(.{1,4}?)\1{2,}")
_ONE_LETTER = re.compile(r"[\W_]*[a-z][^\w+#]*")  # C++ and C# are names
_DIGIT_REPEATED = re.compile(r"(\d)\1{2,}")
_STUFFING = re.compile(r"(.{1,12}?)\1{3,}", re.DOTALL)
_SEPARATOR = re.compile(r"[;\n]|,(?!\d)|(?<!\d),")
_BULLET = re.compile(r"^\s*(?:[-*•·–]|\(?[0-9a-z]{1,2}[.):]\s)\s*", re.IGNORECASE)
_NUMBERING = re.compile(r"(?:^|(?<=[\s,;]))\(?(\d{1,2})[.):]?\s+")


def has_unstorable(text):
    """NUL, which PostgreSQL refuses, or half a surrogate pair, which no encoding can write."""
    return bool(_UNSTORABLE.search(text or ""))


class _Letters(dict):
    """For str.translate: what becomes of each character, asked once for those in use."""

    def __init__(self, becomes):
        super().__init__()
        self.becomes = becomes

    def __missing__(self, code):
        found = self.becomes(chr(code))
        if len(self) < _IN_USE:
            self[code] = found
        return found


def _seen(char):
    if char.isspace():
        return " "
    hidden = unicodedata.category(char) in ("Cc", "Cf", "Cs") or ord(char) in _INVISIBLE
    return "" if hidden else char


_IN_USE = 10_000
_SEEN = _Letters(_seen)
_WORDS = _Letters(lambda char: char if unicodedata.category(char)[0] in "LNM" else "")
_WITHOUT_ACCENTS = _Letters(lambda char: "" if unicodedata.category(char) == "Mn" else char)


def _clean_line(text):
    text = _POWER.sub("^", _FRACTION.sub(" ", text.translate(_SPELLED)))
    text = unicodedata.normalize("NFKC", text).translate(_SEEN)
    # Dropped characters may have kept a letter and its accent apart.
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    return "" if all(unicodedata.category(char) in ("Mn", "Me", "Zs") for char in text) else text


def clean(text, *, lines=False):
    """The text in NFKC without invisible characters, in one line; `lines` keeps its line breaks."""
    cleaned = [_clean_line(line) for line in (text or "").splitlines()]
    return ("\n" if lines else " ").join(filter(None, cleaned))


def _fold(text):
    """Letters, digits and their marks only, case folded."""
    return clean(text).casefold().translate(_WORDS)


def _key(text):
    """What two spellings of one word share: "N / A" and "n.a.", "néant" and "neant"."""
    return unicodedata.normalize("NFKD", _fold(text)).translate(_WITHOUT_ACCENTS)


def _says_something(char):
    category = unicodedata.category(char)
    return category[0] in "LN" and category != "Lm"


def _is_repetition(folded, text):
    """ "aaa", "xyxyxy", "111"; digits only where nothing divides them, so that 11.11 stays a date."""
    if folded.isdigit():
        return bool(_DIGIT_REPEATED.fullmatch(text.replace(" ", "")))
    return bool(_REPEATED.fullmatch(folded))


_KNOWN = frozenset(map(_key, WORDS))


def _is_known(text, known):
    """A listed word, one typed twice, or nothing but listed words ("tbd / none")."""
    key = _key(text)
    half = key[: len(key) // 2]
    doubled = len(half) > 2 and key == half * 2 and half in known
    parts = (part for part in re.split(r"[\W_]+", text) if part)
    return key in known or doubled or all(_key(part) in known for part in parts)


def _is_measure(text):
    """Money and shares answer where their digits alone would not: "€123", "0%"."""
    money = any(unicodedata.category(char) == "Sc" for char in text)
    return bool(re.search(r"\d ?%", text) or (money and re.search("[1-9]", text)))


def _is_nothing(text):
    """Zeros, the dates software writes for "no date", and the printer's dummy text."""
    return not text.strip("0 .,:-/") or EMPTY_DATE.fullmatch(text) or _key(text).startswith("loremipsum")


@lru_cache(maxsize=64)
def _known_with(extra):
    return _KNOWN | {_key(word) for word in extra} - {""}


def is_placeholder(text, extra=()):
    """Whether it only fills the field; `extra` are the admin's own words, spelled in any way."""
    text = clean(text).casefold()
    if not any(map(_says_something, text)):
        return True
    known = _known_with(tuple(extra))
    filler = _is_nothing(text) or _ONE_LETTER.fullmatch(text) or _is_repetition(_fold(text), text)
    return bool((filler or _is_known(text, known)) and not _is_measure(text))


def _numbered(text):
    """What follows 1, 2, 3 where a text counts, with or without commas; empty if it does not."""
    marks, expected = [], 1
    for mark in _NUMBERING.finditer(text):
        if int(mark[1]) == expected:
            marks.append(mark)
            expected += 1
    if len(marks) < 2 or marks[0].start():
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [text[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]


def _separated(text):
    """Parts by comma, semicolon or line, without a running number at their start."""
    parts = enumerate(_SEPARATOR.split(text), start=1)
    return [re.sub(rf"^\s*{number}\s", "", part) for number, part in parts]


def _told_apart(parts, extra):
    """The parts that say something, each said once."""
    named = (_BULLET.sub("", part).strip(" ,;") for part in parts)
    return list({_key(part): part for part in named if not is_placeholder(part, extra)}.values())


def items(text, extra=()):
    """The distinct items of a list by comma, semicolon, line or number, without placeholders."""
    text = clean(text, lines=True)
    plain = _told_apart(_separated(text), extra)
    counted = _told_apart(_numbered(text), extra)
    return counted if len(counted) >= len(plain) else plain


def told_length(text):
    """Characters that say something: padding ("......", "good good good good") counts once."""
    return len(_STUFFING.sub(r"\1", clean(text)))


def too_short(text, limit):
    """What is wrong with the length of a text that says something; None if nothing."""
    if not limit or (given := told_length(text)) >= limit:
        return None
    return short_words(given, limit)


def short_words(given, limit):
    """What is wrong where so many characters say something."""
    return ngettext(
        "This is too short: %(given)d character that says something, at least %(limit)d are needed.",
        "This is too short: %(given)d characters that say something, at least %(limit)d are needed.",
        given,
    ) % {"given": given, "limit": limit}


def too_few(text, limit, extra):
    """What is wrong with the number of items of a list; None if nothing."""
    if not limit or (given := len(items(text, extra))) >= limit:
        return None
    return few_words(given, limit)


def few_words(given, limit):
    """What is wrong where so many items are named."""
    return _(
        "This names %(given)d of at least %(limit)d different items. Separate them by comma, semicolon or line."
    ) % {"given": given, "limit": limit}


def _says_nothing(text, extra):
    if not text:
        return _("This is empty.")
    if not clean(text):
        return _("This is empty: a space or an invisible character looks like a placeholder.")
    if is_placeholder(text, extra):
        shown = clean(text)[:40]
        return _("“%(text)s” looks like a placeholder. Write what is true, or leave it open.") % {
            "text": shown
        }
    return None


def flaw(text, *, min_length=None, min_items=None, extra=()):
    """What is wrong with it as an answer, to show beside its field; None if nothing."""
    if has_unstorable(text):
        return _("This contains a character that cannot be stored.")
    return _says_nothing(text, extra) or too_short(text, min_length) or too_few(text, min_items, extra)
