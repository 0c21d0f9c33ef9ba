"""Days as people type them and exports write them."""

import re
from datetime import date, timedelta

from django.utils import dates, formats
from django.utils.translation import gettext as _

from .normalise import clean
from .typed import ParseError, plain

FIRST_YEAR, LAST_YEAR = 1990, 2100
MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan january januar jän jänner", "feb february februar", "mar march mär mrz märz", "apr april",
            "may mai", "jun june juni", "jul july juli", "aug august", "sep sept september",
            "oct october okt oktober", "nov november", "dec december dez dezember",
        ],
        start=1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        [
            "mon monday mo montag", "tue tues tuesday di dienstag", "wed wednesday mi mittwoch",
            "thu thur thurs thursday do donnerstag", "fri friday fr freitag",
            "sat saturday sa samstag sonnabend", "sun sunday so sonntag",
        ]
    )
    for name in names.split()
}  # fmt: skip
RELATIVE = {"today": 0, "heute": 0, "tomorrow": 1, "morgen": 1, "yesterday": -1, "gestern": -1}

_TIME = re.compile(
    r"(?:t|,? (?:at |um )?)(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?"
    r"(?: ?[ap]\.?m\.?)?(?: ?(?:z|utc|gmt|uhr|[+-]\d\d:?\d\d))?$"
)
_WEEKDAY = re.compile(rf"({'|'.join(sorted(WEEKDAYS, key=len, reverse=True))})\b[.,]* +(?=\S)")
_YEAR = r"(?P<year>\d{4}|'?\d{2})"
_FORMS = [
    re.compile(r"(?P<year>\d{4})(?P<by>[-/.])(?P<month>\d{1,2})(?P=by)(?P<day>\d{1,2})"),
    re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"),
    re.compile(rf"(?P<day>\d{{1,2}})\. ?(?P<month>\d{{1,2}})(?:\. ?{_YEAR}|\.)?"),
    re.compile(rf"(?P<one>\d{{1,2}})(?P<by>[-/])(?P<two>\d{{1,2}})(?:(?P=by){_YEAR})?"),
    re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[ -]?(?:of )?(?P<name>[^\W\d]+)\.?(?:[ ,-]+{_YEAR})?"),
    re.compile(rf"(?P<name>[^\W\d]+)\.?[ -]?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:[ ,-]+{_YEAR})?"),
]


def _unread(text):
    return ParseError(
        _("“%(text)s” is not a day I can read. Write it like 2026-12-03, 3 Dec 2026 or Monday.")
        % {"text": clean(text)}
    )


def _day_and_month(found, month_first):
    """From the groups of a form; where a slash leaves it open, whichever can be a month is one."""
    if "one" not in found:
        return int(found["day"]), int(found["month"] if "month" in found else MONTHS.get(found["name"], 0))
    one, two = int(found["one"]), int(found["two"])
    return (two, one) if two > 12 or (month_first and one <= 12) else (one, two)


def _full_year(year):
    """Two digits from 90 on are the last century's."""
    number = int(year.strip("'"))
    return number if len(year) == 4 else number + (1900 if number >= FIRST_YEAR - 1900 else 2000)


def _nearest(number, month, today, past):
    """The next such day from today on, or the last one up to today; eight years hold every 29 February."""
    step = -1 if past else 1
    for year in range(today.year, today.year + 9 * step, step):
        try:
            found = date(year, month, number)
        except ValueError:
            continue
        if (found - today).days * step >= 0:
            return found
    return None


def _on_weekday(number, today, past):
    """Never today itself."""
    if past:
        return today - timedelta((today.weekday() - number - 1) % 7 + 1)
    return today + timedelta((number - today.weekday() - 1) % 7 + 1)


def _dated(found, today, month_first, past):
    """The day the groups of a form name; None if there is none."""
    number, month = _day_and_month(found, month_first)
    if not found["year"]:
        return _nearest(number, month, today, past)
    year = _full_year(found["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ParseError(
            _("The year must be between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        )
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _agreeing(named, weekday):
    """A weekday beside a date is a check on it."""
    if weekday is not None and named.weekday() != weekday:
        raise ParseError(
            _("%(day)s is a %(weekday)s. Write the day without its weekday, or mend one of them.")
            % {"day": formats.date_format(named), "weekday": dates.WEEKDAYS[named.weekday()]}
        )
    return named


def day(text, *, today, month_first=False, past=False):
    """The date meant by "2026-12-03", "3.12.26", "Dec 3", "Monday", "tomorrow" or a date with a time.

    Without a year, and for weekdays, it is the next one, with `past` the last one. 12/03/2026 is 12 March
    unless `month_first`. A time of day, and the zone it was in, is dropped.
    """
    written = plain(text).lower()
    if written in RELATIVE:
        return today + timedelta(RELATIVE[written])
    if written.rstrip(".") in WEEKDAYS:
        return _on_weekday(WEEKDAYS[written.rstrip(".")], today, past)
    written = _TIME.sub("", written)
    beside = _WEEKDAY.match(written)
    matches = (form.fullmatch(written[beside.end() :] if beside else written) for form in _FORMS)
    found = next((match.groupdict() for match in matches if match), None)
    named = _dated(found, today, month_first, past) if found else None
    if named is None:
        raise _unread(text)
    return _agreeing(named, WEEKDAYS[beside[1]] if beside else None)
