"""One TOML table, read key by key: typed values out, problems noted with place and what is allowed."""

import re
from decimal import Decimal
from difflib import get_close_matches

from django.utils.translation import gettext as _

MISSING = object()
LONGEST_WHOLE = 100_000
LONGEST_NUMBER = 10**12
LONGEST_NAME = 80
LONGEST_SLUG = 60
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Table:
    def __init__(self, values, place, problems):
        self.values = values if isinstance(values, dict) else {}
        self.place = place
        self.problems = problems
        self.asked = set()
        if not isinstance(values, dict):
            self.problems.add(place, _("must be a table of keys, not %(value)s") % {"value": shown(values)})

    def problem(self, key, message):
        self.problems.add(self.place, f"{key}: {message}")

    def refuse(self, key, value, allowed):
        self.problem(
            key,
            _("%(value)s is not allowed; allowed: %(allowed)s") % {"value": shown(value), "allowed": allowed},
        )

    def given(self, key):
        return key in self.values

    def text(self, key, default="", *, required=False, allowed=(), shortest=0, longest=200):
        value = self._take(key)
        if value is MISSING:
            if required:
                self.problem(key, _("is missing"))
            return default
        if reason := unfit(value, longest, shortest or required):
            self.refuse(key, value, reason)
            return default
        if allowed and value.strip() not in allowed:
            self.refuse(key, value, ", ".join(allowed))
            return default
        return value.strip()

    def prose(self, key, *, longest):
        """A text that may have several lines."""
        value = self._take(key)
        if value is MISSING:
            return ""
        lines = value.splitlines() if isinstance(value, str) else [value]
        if reason := next(filter(None, (unfit(line, longest) for line in lines)), ""):
            self.refuse(key, value, reason)
            return ""
        if len(value) > longest:
            self.refuse(key, value, _("at most %(longest)d characters") % {"longest": longest})
        return "\n".join(line.rstrip() for line in lines).strip()

    def slug(self):
        slug = self.text("slug", required=True, longest=LONGEST_SLUG)
        if slug and not SLUG.fullmatch(slug):
            self.refuse("slug", slug, _("small letters a to z, digits, - and _"))
        return slug

    def texts(self, key, *, allowed=(), longest=200):
        values = self._list(key)
        fit = tuple(value.strip() for value in values if self._fits(key, value, allowed, longest))
        if len(set(fit)) < len(fit):
            self.problem(key, _("says something twice"))
        return fit

    def flag(self, key, default=False):
        value = self._take(key)
        if value is MISSING or isinstance(value, bool):
            return default if value is MISSING else value
        self.refuse(key, value, "true, false")
        return default

    def whole(self, key, default=None, *, least=1, most=LONGEST_WHOLE, required=False):
        value = self._take(key)
        if value is MISSING:
            if required:
                self.problem(key, _("is missing"))
            return default
        return value if self._whole_fits(key, value, least, most) else default

    def wholes(self, key):
        if not self.given(key):
            self._take(key)
            return None
        fit = [value for value in self._list(key) if self._whole_fits(key, value, 1, 999)]
        if fit != sorted(set(fit)):
            self.problem(key, _("must rise from one number to the next"))
        return tuple(fit)

    def number(self, key):
        value = self._take(key)
        if value is MISSING:
            return None
        number = Decimal(value) if type(value) in (int, Decimal) else Decimal("NaN")
        if number.is_finite() and 0 <= number < LONGEST_NUMBER and round(number, 2) == number:
            return number
        allowed = _("a number from 0 to below %(most)d with at most two decimals")
        return self.refuse(key, value, allowed % {"most": LONGEST_NUMBER})

    def table(self, key):
        value = self._take(key)
        return Table({} if value is MISSING else value, (*self.place, key), self.problems)

    def tables(self, key):
        """The raw tables of a list such as [[stages]]."""
        return [entry for entry in self._list(key) if self._is_table(key, entry)]

    def close(self):
        """Note every key that nobody asked for."""
        for key in sorted(self.values.keys() - self.asked):
            near = get_close_matches(key, self.asked, 1)
            keys = ", ".join(near or sorted(self.asked))
            hint = _("did you mean %(keys)s?") if near else _("known: %(keys)s")
            self.problem(key, _("is not known here; ") + hint % {"keys": keys})

    def _take(self, key):
        self.asked.add(key)
        return self.values.get(key, MISSING)

    def _list(self, key):
        value = self._take(key)
        if value is MISSING or isinstance(value, list):
            return [] if value is MISSING else value
        self.refuse(key, value, _("a list in square brackets"))
        return []

    def _is_table(self, key, entry):
        if isinstance(entry, dict):
            return True
        self.refuse(key, entry, _("tables, each opened by [[%(key)s]]") % {"key": key})
        return False

    def _fits(self, key, value, allowed, longest):
        reason = unfit(value, longest, 1)
        if not reason and allowed and value.strip() not in allowed:
            reason = ", ".join(allowed)
        if reason:
            self.refuse(key, value, reason)
        return not reason

    def _whole_fits(self, key, value, least, most):
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return True
        allowed = _("a whole number from %(least)d to %(most)d")
        self.refuse(key, value, allowed % {"least": least, "most": most})
        return False


def unfit(value, longest, shortest=0):
    """What a text has to be, when this one is not."""
    if not isinstance(value, str):
        return _("a text in quotes")
    if len(value) > longest:
        return _("at most %(longest)d characters") % {"longest": longest}
    if any(not character.isprintable() for character in value):
        return _("one line of readable characters")
    if len(value.strip()) < shortest:
        return _("a text of %(shortest)d characters or more") % {"shortest": shortest}
    return ""


def shown(value):
    """The value as it may be quoted in a message: like TOML, and never long."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= 60 else text[:57] + "…"
