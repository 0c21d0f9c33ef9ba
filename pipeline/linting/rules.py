"""Rules: silence without a timer, rules against each other, and rules that reach nobody."""

from django.utils.translation import gettext as _

from ..rule_checks import CHAIN, problems
from ..rules import in_words
from ..vocabulary import SILENT_TRIGGERS, RuleAction
from .finding import Finding, Level, Where
from .subject import at_rule, row_id, several


def check(subject):
    yield from _missing(subject)
    stage_of = {row_id(step.stage): step.stage for step in subject.steps}
    for rule in subject.rules:
        if rule.is_on and (rule.stage_id is None or rule.stage_id in stage_of):
            yield from _alone(rule, at_rule(rule, stage_of.get(rule.stage_id)))
    for step in subject.steps:
        first = step is subject.steps[0]
        yield from _archive_too_soon(step.stage, subject, first)
        yield from _never(step.stage, subject, first)
        yield from _twice(step.stage, subject, first)


def _missing(subject):
    missing = {
        RuleAction.TASK: ("no-follow-up", _("No follow-up: when the buyer does not answer, nobody is told.")),
        RuleAction.ARCHIVE: (
            "no-archive",
            _("No archive rule: a silent deal stays in the pipeline for ever."),
        ),
    }
    for action, (code, text) in missing.items():
        without = [step.stage for step in subject.steps if not subject.of_silence(step.stage, action)]
        if without:
            yield _without(code, text, without, subject)
    gone = [
        step.stage
        for step in subject.steps
        if subject.of_silence(step.stage, RuleAction.ARCHIVE)
        and not subject.of_silence(step.stage, RuleAction.RE_ENGAGE)
    ]
    if gone:
        text = _("No attempt to re-engage: silent deals are archived without one.")
        yield _without("no-attempt", text, gone, subject)


def _without(code, text, stages, subject):
    where = Where(names=()) if len(stages) == len(subject.steps) else several(stages)
    return Finding(Level.WARN, code, text, _("Add a timer, or switch the one there is on."), where)


def _alone(rule, where):
    """What is wrong with a rule whatever the others are."""
    for _column, problem in problems(rule):
        mend = _("Write it down, or switch the rule off.")
        yield Finding(Level.ERROR, "rule-unfit", f"{in_words(rule)}: {problem}", mend, where)
    if rule.person_id and not rule.person.is_active:
        text = _("%(rule)s: %(person)s does not work here any more.")
        words = {"rule": in_words(rule), "person": rule.person}
        yield Finding(Level.WARN, "rule-person", text % words, _("Name another person, or a role."), where)
    if rule.endpoint_id and not rule.endpoint.is_active:
        text = _("%s: that webhook is not in use.") % in_words(rule)
        yield Finding(Level.WARN, "rule-webhook", text, _("Take it into use, or choose another one."), where)
    if rule.is_shadow:
        text = _("%s: it only notes what it would have done.") % in_words(rule)
        mend = _("When what it notes is right, untick shadow.")
        yield Finding(Level.HINT, "rule-shadow", text, mend, where)


def _archive_too_soon(stage, subject, first):
    """Archiving comes last: a deal that is gone cannot be re-engaged. Said once where the pipeline's timers do it."""
    archives = subject.of_silence(stage, RuleAction.ARCHIVE)
    attempts = subject.of_silence(stage, RuleAction.RE_ENGAGE)
    if not archives or not attempts or archives[0].days > max(rule.days for rule in attempts):
        return
    own = any(rule.stage_id is not None for rule in archives + attempts)
    if own or first:
        text = _("Archiving after %(days)d days comes before the last attempt to re-engage after %(last)d.")
        words = {"days": archives[0].days, "last": max(rule.days for rule in attempts)}
        mend = _("Archive later, or try again sooner.")
        yield Finding(
            Level.ERROR, "archive-too-soon", text % words, mend, at_rule(archives[0], stage if own else None)
        )


def _never(stage, subject, first):
    """Steps of silence that would come after the deal is gone."""
    archives = subject.of_silence(stage, RuleAction.ARCHIVE)
    if not archives:
        return
    last = archives[0]
    for rule in subject.timers(stage):
        late = rule.trigger in SILENT_TRIGGERS and rule.action not in CHAIN and _days(rule) >= _days(last)
        own = rule.stage_id is not None or last.stage_id is not None
        if late and (own or first):
            text = _("%(rule)s never comes: the deal is archived after %(days)d days.")
            words = {"rule": in_words(rule), "days": last.days}
            mend = _("Let it come sooner, or switch it off.")
            yield Finding(Level.WARN, "rule-never", text % words, mend, at_rule(rule, stage if own else None))


def _days(rule):
    """About how many days of the calendar; five working days are a week."""
    return rule.days * 7 // 5 if rule.business_days else rule.days


def _twice(stage, subject, first):
    """Two rules that do the same on the same day for the same people."""
    seen = {}
    for rule in subject.timers(stage):
        said = (rule.trigger, rule.days, rule.business_days, rule.action, rule.role, rule.person_id,
                rule.endpoint_id, rule.title, rule.subject)  # fmt: skip
        other = seen.setdefault(said, rule)
        own = rule.stage_id is not None or other.stage_id is not None
        if other is not rule and (own or first):
            text = _("Two rules do the same: %s.") % in_words(rule)
            where = at_rule(rule, stage if own else None)
            yield Finding(Level.WARN, "rule-twice", text, _("Switch one of them off."), where)
