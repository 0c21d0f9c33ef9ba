"""Names are compared without regard to case on both engines, whatever letters they are written in.

SQLite knows the case of a to z alone, PostgreSQL that of the letters of its locale, which may be none other either. So
where somebody looks for other letters, each is asked for in all its cases: [éÉ][cC][oO][lL][eE].
"""

import re

from django.db.models import Field, lookups

# SQLite takes patterns of up to 50,000 bytes; a letter in its cases takes up to eleven.
LONGEST = 4000


def cases(letter):
    """A letter as it is written, small and capital; not those that become two."""
    found = {letter, letter.lower(), letter.upper(), letter.lower().upper(), letter.upper().lower()}
    return "".join(sorted(case for case in found if len(case) == 1))


def pattern_of(text, sign):
    """The text with its letters in all their cases, and with `sign` making the others mean themselves."""
    return "".join(f"[{cases(c)}]" if len(cases(c)) > 1 else sign(c) for c in text)


def in_glob(text):
    return pattern_of(text, lambda c: f"[{c}]" if c in "*?[" else c)


def in_regex(text):
    return pattern_of(text, re.escape)


class AnyCase:
    """Django's lookup, asked in another way where the letters need it."""

    begins = ends = True  # the text asked for is all there is from its beginning, and to its end

    def as_sql(self, compiler, connection):
        asked = self.rhs
        if not isinstance(asked, str) or asked.isascii() or len(asked) > LONGEST or self.bilateral_transforms:
            return super().as_sql(compiler, connection)
        column, params = compiler.compile(self.lhs)
        if connection.vendor == "postgresql":
            pattern = f"{'^' * self.begins}{in_regex(asked)}{'$' * self.ends}"
            return f"({column})::text ~ %s", [*params, pattern]
        pattern = f"{'*' * (not self.begins)}{in_glob(asked)}{'*' * (not self.ends)}"
        return f"{column} GLOB %s", [*params, pattern]


class IExact(AnyCase, lookups.IExact):
    pass


class IContains(AnyCase, lookups.IContains):
    begins = ends = False


class IStartsWith(AnyCase, lookups.IStartsWith):
    ends = False


class IEndsWith(AnyCase, lookups.IEndsWith):
    begins = False


def use():
    """From now on, for all columns."""
    for lookup in (IExact, IContains, IStartsWith, IEndsWith):
        Field.register_lookup(lookup)
