"""Which triggers, actions and columns of a rule make sense together. The same for a form and for a file."""

from django.utils.translation import gettext as _

from . import merge_fields
from .vocabulary import SILENT_TRIGGERS, RuleAction, RuleTrigger

CHAIN = frozenset({RuleAction.RE_ENGAGE, RuleAction.ARCHIVE})
# Column -> the actions it says something for; what is not here belongs to every rule.
BELONGS = {
    "window_days": {RuleAction.RE_ENGAGE},
    "attempt": {RuleAction.RE_ENGAGE},
    "asks_above": {RuleAction.ARCHIVE},
    "role": {RuleAction.TASK, RuleAction.ARCHIVE, RuleAction.NOTIFY, RuleAction.MAIL},
    "person": {RuleAction.TASK, RuleAction.NOTIFY, RuleAction.MAIL},
    "title": {RuleAction.TASK, RuleAction.NOTIFY},
    "purpose": {RuleAction.TASK, RuleAction.NOTIFY},
    "due_days": {RuleAction.TASK},
    "subject": {RuleAction.MAIL},
    "body": {RuleAction.MAIL},
    "endpoint": {RuleAction.WEBHOOK},
}
EMPTY = {"window_days": 0, "attempt": 0, "due_days": 0, "asks_above": None, "person": None, "endpoint": None}
MERGED = ("subject", "body")


def cleared(action):
    """{column: empty} of what an action has no use for."""
    return {name: EMPTY.get(name, "") for name, actions in BELONGS.items() if action not in actions}


def problems(rule):
    """[(column, what is wrong with it)] of a rule, or of anything with its columns."""
    found = [*_when(rule), *_needed(rule)]
    for name in MERGED:
        if unknown := merge_fields.unknown(getattr(rule, name) or ""):
            named = ", ".join(f"{{{field}}}" for field in unknown)
            words = _("%(unknown)s is no field; known are %(known)s.")
            found.append((name, words % {"unknown": named, "known": merge_fields.LISTED}))
    return found


def _when(rule):
    if rule.action in CHAIN and rule.trigger not in SILENT_TRIGGERS:
        words = _("Re-engaging and archiving only follow the buyer's silence: no response, or no activity.")
        yield "trigger", words
    if not rule.days and rule.trigger != RuleTrigger.STAGE_ENTERED:
        yield "days", _("At least one day; only what happens on entering a stage can happen at once.")


def _needed(rule):
    if rule.action == RuleAction.WEBHOOK and not rule.endpoint:
        yield "endpoint", _("Choose the webhook that is called.")
    if rule.action == RuleAction.MAIL:
        if not rule.subject.strip():
            yield "subject", _("A mail needs a subject.")
        if not rule.body.strip():
            yield "body", _("A mail needs a text.")


def kind_of(action, trigger):
    """What a rule's key begins with. Cards and what-if look for the follow-up of silence by its key."""
    if action == RuleAction.TASK:
        return "follow_up" if trigger == RuleTrigger.NO_RESPONSE else "task"
    return str(action)


def kinds():
    return {kind_of(action, trigger) for action in RuleAction.values for trigger in RuleTrigger.values}


def kind_of_key(key):
    """'re_engage' of 're_engage_2'; a key that names no kind is one of its own."""
    base, _line, tail = key.rpartition("_")
    if base == "optional":
        return "follow_up"
    return base if tail.isdigit() and base in kinds() else key
