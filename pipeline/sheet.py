"""The published process as the process page and its print show it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .conditions import parse
from .process import process_of
from .reviews import due_on
from .rule_words import what, when
from .sequences import sequences
from .vocabulary import SILENT_TRIGGERS, Evidence, Kind, RuleAction


@dataclass(frozen=True)
class Row:
    """One stage: its definition, what is asked at its sides, its timers in words."""

    number: int
    stage: object
    entry: list
    exit: list
    asked: list
    timers: list
    others: list
    sequences: list


class Sheet:
    """One pipeline's process in force. `standing` is the next step that several gates ask alike, said once."""

    def __init__(self, pipeline):
        self.pipeline, self.version = pipeline, pipeline.version
        self.process = process_of(pipeline)
        self.standing = _standing(self.process)
        self.rows = [self._row(number, stage) for number, stage in enumerate(self.process.stages, 1)]
        self.open_gates = self.process.open_gates

    def _row(self, number, stage):
        entry, leave = self.process.entry_criteria(stage.stage_id), self.process.exit_criteria(stage.stage_id)
        own = [criterion for criterion in leave if criterion not in self.standing]
        rules = self.process.timers(stage.stage_id)
        asked = [_marked(criteria) for criteria in (entry, own, entry + leave)]
        said = timers_in_words(rules), others_in_words(rules), sequences(rules)
        return Row(number, stage, *asked, *said)

    def standing_stages(self):
        at = {criterion.stage_id for criterion in self.standing}
        return [stage.name for stage in self.process.stages if stage.stage_id in at]

    def next_review(self):
        return due_on(self.pipeline)

    def archive_asks_above(self):
        """The lowest amount from which a manager decides on archiving; None where nobody is asked."""
        rules = [rule for row in self.rows for rule in self.process.timers(row.stage.stage_id)]
        return min((rule.asks_above for rule in rules if rule.asks_above is not None), default=None)


def _standing(process):
    steps = [c for c in process.criteria_of_all() if c.kind == Kind.NEXT_STEP and c.side == "exit"]
    alike = [step for step in steps if step.label == steps[0].label]
    return alike if len(alike) > 1 else []


def _marked(criteria):
    return [(criterion, mark_of(criterion), _condition(criterion)) for criterion in criteria]


def mark_of(criterion):
    """ "l2": in the buyer's own hand or a file; "l1": a conversation on record; "l0": a fact we hold."""
    if criterion.evidence in (Evidence.OWN, Evidence.FILE):
        return "l2"
    return "l1" if criterion.needs_buyer else "l0"


def _condition(criterion):
    return parse(criterion.applies_when).in_words() if criterion.applies_when else ""


def timers_in_words(rules):
    """[(when, what)]: ("2, 5, 9 work days", "follow-up task"), ("14 days", "re-engage, 2 attempts"), ...

    Rules of silence that do the same are one line.
    """
    groups = {}
    for rule in filter(_is_timer, rules):
        groups.setdefault((rule.action, rule.business_days, rule.is_shadow), []).append(rule.days)
    return [_words(*group, sorted(days)) for group, days in groups.items()]


def others_in_words(rules):
    """[(when, what)] of every other rule: ("When the deal enters the stage", "notify Legal")."""
    others = [rule for rule in rules if not _is_timer(rule)]
    return [(upper_first(when(rule)), _shadow(lower_first(what(rule)), rule.is_shadow)) for rule in others]


def _is_timer(rule):
    return rule.trigger in SILENT_TRIGGERS and rule.action in _COMMON


_COMMON = (RuleAction.TASK, RuleAction.RE_ENGAGE, RuleAction.ARCHIVE)


def _words(action, business, shadow, days):
    unit = _("work days") if business else _("days")
    if action == RuleAction.RE_ENGAGE:
        tries = ngettext("%d attempt", "%d attempts", len(days)) % len(days)
        return f"{days[0]} {unit}", _shadow(_("re-engage, %s") % tries, shadow)
    words = _("archive") if action == RuleAction.ARCHIVE else _("follow-up task")
    return f"{', '.join(map(str, days))} {unit}", _shadow(words, shadow)


def _shadow(words, shadow):
    return f"{words}, {_('in shadow')}" if shadow else words


def upper_first(words):
    return f"{words[:1].upper()}{words[1:]}"


def lower_first(words):
    return f"{words[:1].lower()}{words[1:]}"
