"""Timers: switched on or off, sooner or later, for the pipeline or one stage."""

from django.utils.translation import gettext as _

from ..models import Rule
from ..models.fields import RuleFields, shared_names
from ..rules import in_words
from .shapes import Change, Mark

COLUMNS = shared_names(RuleFields)


def timer_changes(before, after):
    places = dict.fromkeys([*after.timers, *before.timers])
    found = [_change(before, after, place) for place in places]
    return [change for change in found if change]


def _change(before, after, place):
    stage_id = place[0]
    if stage_id is not None and (stage_id not in after.stages or stage_id not in before.stages):
        return None  # the stage itself comes or goes, and its timers with it
    old, new = before.timers.get(place), after.timers.get(place)
    where = after.name(stage_id) if stage_id is not None else ""
    if old and new and _values(old) == _values(new):
        return None
    mark, text = _said(old, new, stage_id)
    return mark and Change(mark, text, where, stage_id)


def _said(old, new, stage_id):
    was, will = _runs(old), _runs(new)
    if not was and not will:
        # In a stage a timer that is off stands for one of the pipeline's that does not run there.
        if stage_id is not None and bool(old) != bool(new):
            return _stands_in(old, new)
        return None, ""
    if not was:
        return Mark.ADDED, _("timer: %s.") % _words(new)
    if not will:
        return Mark.REMOVED, _("timer no longer runs: %s.") % _words(old)
    if _words(old) == _words(new):
        return Mark.CHANGED, _("timer, how it is done: %s.") % _words(new)
    return Mark.CHANGED, _("timer: %(new)s, instead of %(old)s.") % {"new": _words(new), "old": _words(old)}


def _stands_in(old, new):
    if new:
        return Mark.REMOVED, _("this timer of the pipeline does not run here: %s.") % _words(new)
    return Mark.ADDED, _("this timer of the pipeline runs here again: %s.") % _words(old)


def _runs(rule):
    return bool(rule) and bool(rule["is_on"])


def _words(rule):
    return in_words(Rule(**_complete(rule)))


def _values(rule):
    return [str(value) for value in _complete(rule).values()]


def _complete(rule):
    """Versions from before a column came say what it is without being said."""
    return {name: rule[name] if name in rule else _default(name) for name in COLUMNS}


def _default(name):
    return Rule._meta.get_field(name.removesuffix("_id")).get_default()
