"""Several rules that wait for the same thing, on different days: steps of a sequence, which one event ends."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from .rule_checks import CHAIN
from .rule_words import days_in_words, what
from .vocabulary import RuleTrigger


@dataclass(frozen=True)
class Sequence:
    trigger: str
    rules: tuple

    @property
    def steps(self):
        """[('2 business days', 'follow-up task')] in the order they come."""
        found = [(_day(rule), what(rule)) for rule in self.rules]
        return [
            (day, f"{words}, {_('in shadow')}" if rule.is_shadow else words)
            for (day, words), rule in zip(found, self.rules, strict=True)
        ]

    @property
    def starts(self):
        return _STARTS[self.trigger]()

    @property
    def ends(self):
        """What stops the steps that have not come yet."""
        own = all(rule.stage_id is not None for rule in self.rules)
        if self.trigger in _ENDS:
            return _ENDS[self.trigger]()
        if own:
            return _("stops when the buyer answers or the deal leaves the stage")
        return _("stops when the buyer answers")


def sequences(rules):
    """The sequences among rules that run in one stage. Re-engaging and archiving have an order of their own."""
    groups = {}
    for rule in rules:
        if rule.action not in CHAIN:
            groups.setdefault(rule.trigger, []).append(rule)
    return [
        Sequence(trigger, tuple(sorted(found, key=lambda rule: (rule.days, rule.pk or 0))))
        for trigger, found in groups.items()
        if len({(rule.days, rule.business_days) for rule in found}) > 1
    ]


def _day(rule):
    return days_in_words(rule.days, rule.business_days) if rule.days else _("at once")


_STARTS = {
    RuleTrigger.NO_RESPONSE: lambda: _("When the buyer does not answer"),
    RuleTrigger.NO_ACTIVITY: lambda: _("When nothing is heard of the buyer"),
    RuleTrigger.STAGE_ENTERED: lambda: _("When the deal enters the stage"),
    RuleTrigger.OVER_TARGET: lambda: _("When the deal is over the stage's target"),
    RuleTrigger.NEXT_STEP_PASSED: lambda: _("When the next step's date passed"),
    RuleTrigger.CLOSE_PASSED: lambda: _("When the expected close passed"),
}
_ENDS = {
    RuleTrigger.STAGE_ENTERED: lambda: _("stops when the deal leaves the stage"),
    RuleTrigger.OVER_TARGET: lambda: _("stops when the deal leaves the stage"),
    RuleTrigger.NEXT_STEP_PASSED: lambda: _("stops when the next step gets another date"),
    RuleTrigger.CLOSE_PASSED: lambda: _("stops when the close gets another date"),
}
