"""What a script says with a criterion's plain fields, put where our pages have fields of their own.

The plain ones are the value, _by, _on, _how, _words, _link and _file; with them alone every kind can be answered.
"""

from django.utils.timezone import localdate

from pipeline.vocabulary import DealFact, Kind

from ..input import parsing
from ..models import ActivityKind

_TEXTS = (DealFact.GOALS, DealFact.COMMITMENTS)


def fill_in(item, definition):
    """Complete a Given that came without our pages' own fields; what was given there stands."""
    if filler := _FILLERS.get(definition.kind):
        filler(item, definition)


def _names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def _next_step(item, definition):
    """A day to come in `_on` is the day of the step; the buyer agreed to it today."""
    if not item.date and _is_to_come(item.on):
        item.date, item.on = item.on, ""


def _is_to_come(text):
    try:
        return bool(text) and parsing.day(text, today=localdate()) > localdate()
    except parsing.ParseError:
        return False


def _document(item, definition):
    if definition.with_date and not item.date:
        item.date = item.on


def _stakeholder(item, definition):
    """Several names: who holds the role, who must be among them, and the others. Words say what matters to them."""
    several = definition.must_include or (definition.min_people or 0) > 1
    names = _names(item.value) if several and not item.also else []
    if len(names) > 1:
        item.value, *others = names
        if definition.must_include not in ("", None, *definition.role_list[:1]) and not item.to:
            item.to, *others = others
        item.also = ", ".join(others)
    if definition.requires_priority and not item.priority:
        item.priority = item.words


def _activity(item, definition):
    """Everybody in `_by` took part; the kind is the first that the criterion takes."""
    by, *others = _names(item.by or item.value) or [""]
    item.by, item.present = by, item.present or ", ".join(others)
    if not definition.role_list:
        item.value = ""
    kinds = [kind for kind in definition.activity_list if kind in ActivityKind.values]
    if kinds and not item.how:
        item.how = kinds[0]


def _deal_field(item, definition):
    """The value is what the deal itself is to say: its one figure or day, or its texts."""
    if item.value and not item.facts:
        asked = definition.deal_field_list
        item.facts = {name: item.value for name in asked if name in _TEXTS or len(asked) == 1}


_FILLERS = {
    Kind.NEXT_STEP: _next_step,
    Kind.FILE_OR_LINK: _document,
    Kind.STAKEHOLDER: _stakeholder,
    Kind.ACTIVITY: _activity,
    Kind.DEAL_FIELD: _deal_field,
}
