"""Rules of a file as rows, and rows as a file says them: as timers where these can, else one by one."""

import re
from dataclasses import asdict, replace

from .documents import RuleDocument, TimersDocument
from .documents.timers import over, overriding, settled
from .rules import RuleValues, rules_of, timers_of
from .vocabulary import RuleAction, RuleTrigger

_TIMER = re.compile(r"(follow_up|optional|re_engage|archive)(?:_([0-9]+))?")
_MOST_ATTEMPTS = 9


def process_rows(document):
    """{key: RuleValues} of the whole process."""
    return rules_of(document.timers) | _by_key(document.rules)


def stage_rows(document, stage):
    """{key: RuleValues} of a stage: only what is different there."""
    return _differing(document.timers, stage.timers) | _by_key(stage.rules)


def process_said(rows):
    """(TimersDocument, RuleDocuments) of {key: RuleValues}, so that process_rows gives them again."""
    timers = _timers(rows)
    return timers, _rules(rows, rules_of(timers))


def stage_said(rows, common):
    """The same of a stage; `common` are the timers of the process."""
    timers = overriding(_timers(_meant_as_timers(rows, rules_of(common))), common)
    made = _differing(common, timers)
    if made.keys() - rows.keys():
        timers, made = TimersDocument(), {}
    return timers, _rules(rows, made)


def _meant_as_timers(rows, everywhere):
    """The timers of the process as the stage has them: others, off, or as they are where a rule stands in."""
    found = dict(everywhere)
    for key, rule in rows.items():
        if _is_timer(key, rule):
            found[key] = rule
        elif key in everywhere and rule == replace(everywhere[key], is_on=False):
            del found[key]
    return found


def _differing(common, timers):
    """Timers that the process does not have so, and those it has that are off here."""
    everywhere, here = rules_of(common), rules_of(settled(over(common, timers)))
    off = {key: replace(rule, is_on=False) for key, rule in everywhere.items() if key not in here}
    return {key: rule for key, rule in here.items() if everywhere.get(key) != rule} | off


def _timers(rows):
    """The timers that say most of these rows and nothing else."""
    known = {key: rule for key, rule in rows.items() if _is_timer(key, rule)}
    while more := rules_of(timers := timers_of(known)).keys() - rows.keys():
        gone = {_TIMER.fullmatch(key)[1] for key in more}
        known = {key: rule for key, rule in known.items() if _TIMER.fullmatch(key)[1] not in gone}
    return timers


def _is_timer(key, rule):
    named = _TIMER.fullmatch(key)
    if not named or rule.is_shadow or rule.days < 1:
        return False
    kind, number = named[1], int(named[2] or 1)
    if kind in ("follow_up", "optional"):
        silent = (rule.trigger, rule.action) == (RuleTrigger.NO_RESPONSE, RuleAction.TASK)
        return silent and rule.business_days and rule.is_on == (kind == "follow_up")
    if kind == "archive":
        return rule.is_on and key == kind and rule.action == RuleAction.ARCHIVE
    return rule.is_on and number <= _MOST_ATTEMPTS and 1 <= rule.window_days <= 90


def _rules(rows, made):
    left = [RuleDocument(key=key, **asdict(rule)) for key, rule in rows.items() if made.get(key) != rule]
    return tuple(sorted(left, key=lambda rule: (rule.days, rule.key)))


def _by_key(documents):
    return {rule.key: _values(rule) for rule in documents}


def _values(document):
    return RuleValues(**{name: getattr(document, name) for name in RuleValues.__dataclass_fields__})
