"""One rule of a file: every kind that evenly spaced timers cannot say."""

from django.utils.translation import gettext as _

from ..rule_checks import BELONGS, EMPTY, kind_of, kind_of_key, kinds, problems
from ..vocabulary import RuleAction, RuleTrigger
from .problems import place_of
from .shapes import RuleDocument
from .tables import LONGEST_NAME, SLUG, Table

LONGEST_KEY = 40


def rules(table):
    """Those of a process or of a stage, soonest first."""
    found = [
        _rule(Table(values, (*table.place, _place(values, number)), table.problems))
        for number, values in enumerate(table.tables("rules"), 1)
    ]
    keys = [rule.key for rule in found]
    for key in sorted({key for key in keys if key and keys.count(key) > 1}):
        table.problem("rules", _("two rules have the key “%s”") % key)
    return tuple(sorted(found, key=lambda rule: (rule.days, rule.key)))


def _place(values, number):
    named = {"slug": values.get("key")} if isinstance(values, dict) else {}
    return place_of("rule", named, number)


def _rule(table):
    rule = RuleDocument(
        key=_key(table),
        trigger=table.text("trigger", required=True, allowed=RuleTrigger.values),
        days=table.whole("days", 0, least=0, most=999, required=True),
        business_days=table.flag("business_days"),
        action=table.text("action", required=True, allowed=RuleAction.values),
        attempt=table.whole("attempt", 0, least=0, most=9),
        window_days=table.whole("window_days", 0, least=0, most=90),
        role=table.text("role", longest=LONGEST_NAME),
        person=table.text("person", longest=254),
        asks_above=table.number("asks_above"),
        title=table.text("title"),
        purpose=table.text("purpose", longest=300),
        due_days=table.whole("due_days", 0, least=0, most=90),
        subject=table.text("subject"),
        body=table.prose("body", longest=5000),
        endpoint=table.text("endpoint", longest=80),
        is_on=table.flag("is_on", True),
        is_shadow=table.flag("is_shadow"),
    )
    table.close()
    if rule.action and rule.trigger:
        _check(table, rule)
    return rule


def _key(table):
    key = table.text("key", required=True, longest=LONGEST_KEY)
    if key and (not SLUG.fullmatch(key) or key.startswith("former-")):
        table.refuse("key", key, _("small letters a to z, digits, - and _"))
    return key


def _check(table, rule):
    for name, problem in problems(rule):
        table.problem(name, problem)
    for name, actions in BELONGS.items():
        if rule.action not in actions and getattr(rule, name) not in (EMPTY.get(name, ""), ""):
            words = _("means nothing for action %(action)s; actions that take it: %(actions)s")
            table.problem(name, words % {"action": rule.action, "actions": ", ".join(sorted(actions))})
    kind = kind_of_key(rule.key)
    if kind in kinds() and kind != kind_of(rule.action, rule.trigger):
        table.problem("key", _("“%(key)s” is a key of rules of another kind") % {"key": rule.key})
