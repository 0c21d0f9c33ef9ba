"""What a body of JSON may hold before anybody looks at its fields."""

import json
from decimal import Decimal

from django.utils.translation import gettext as _
from ninja.parser import Parser

from deals.input.normalise import has_unstorable

LONGEST_NUMBER = 40
LARGEST_EXPONENT = 20


class Unreadable(ValueError):
    """The body is no JSON object we can read; the text says where or why."""


class WrongType(ValueError):
    """The body is not what Content-Type has to say: application/json."""


class JsonParser(Parser):
    """Strict: no NaN, no field twice, no character that cannot be stored, numbers as they were written."""

    def parse_body(self, request):
        if request.content_type != "application/json":
            raise WrongType(_("Send JSON, with Content-Type: application/json."))
        return parsed(request.body)


def parsed(body):
    """The value of a body; Unreadable says what is wrong with it."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(_("This is not UTF-8 (byte %d).") % error.start) from error
    try:
        value = json.loads(
            text, parse_constant=_constant, parse_float=_float, parse_int=_int, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise Unreadable(_("This is not JSON: line %(line)d, column %(column)d.") % where) from error
    except RecursionError as error:
        raise Unreadable(_("This is nested too deeply.")) from error
    _check_texts(value, "")
    return value


def _constant(name):
    raise Unreadable(_("%s is not a number of JSON.") % name)


def _float(text):
    if len(text) > LONGEST_NUMBER or abs(Decimal(text).adjusted()) > LARGEST_EXPONENT:
        raise Unreadable(_("A number is out of range."))
    return Decimal(text)


def _int(text):
    if len(text) > LONGEST_NUMBER:
        raise Unreadable(_("A number is out of range."))
    return int(text)


def _object(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unreadable(
            _("The field %s came more than once.") % twice[:60].encode("utf-8", "replace").decode()
        )
    return found


def _check_texts(value, path):
    """NUL and halves of surrogate pairs, in names and values, with the place."""
    if isinstance(value, str) and has_unstorable(value):
        raise Unreadable(_("%s contains a character that cannot be stored.") % (path or _("The text")))
    if isinstance(value, list):
        for number, item in enumerate(value):
            _check_texts(item, f"{path}.{number}".lstrip("."))
    if isinstance(value, dict):
        for name, item in value.items():
            _check_texts(name, f"{path}.?".lstrip("."))
            _check_texts(item, f"{path}.{name}".lstrip("."))
