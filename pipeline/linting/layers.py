"""The self-diagnosis: which layer of the process is defined, which only in part, and which not at all."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..vocabulary import RuleAction

DEFINED, PARTLY, UNDEFINED = "defined", "partly", "undefined"


@dataclass(frozen=True)
class Layer:
    """One of the five layers with a plain verdict."""

    name: str
    state: str
    verdict: str


def layers_of(subject):
    """Stages, criteria, ownership, follow-up, archive; `subject` None is a pipeline that does not exist yet."""
    return [layer(subject) for layer in (_stages, _criteria, _ownership, _follow_up, _archive)]


def _stages(subject):
    steps = subject.steps if subject else []
    if not steps:
        return Layer(_("Stages"), UNDEFINED, _("There is no stage."))
    silent = [step.stage.name for step in steps if not step.stage.buyer_action.strip()]
    if silent:
        return Layer(_("Stages"), PARTLY, _("No buyer action in: %s.") % ", ".join(silent))
    text = ngettext(
        "%d stage, with what the buyer has already done.",
        "%d stages, each with what the buyer has already done.",
        len(steps),
    )
    return Layer(_("Stages"), DEFINED, text % len(steps))


def _criteria(subject):
    steps = subject.steps if subject else []
    asked = sum(len(step.criteria) for step in steps)
    if not asked:
        return Layer(
            _("Criteria"), UNDEFINED, _("No gate asks anything: every deal goes where somebody puts it.")
        )
    open_gates = [step.stage.name for step in steps if not step.exit]
    if open_gates:
        return Layer(_("Criteria"), PARTLY, _("Open gates: %s.") % ", ".join(open_gates))
    by_buyer = sum(c.needs_buyer for step in steps for c in step.criteria)
    text = _("%(asked)d criteria, %(buyer)d of them confirmed by the buyer.")
    return Layer(_("Criteria"), DEFINED, text % {"asked": asked, "buyer": by_buyer})


def _ownership(subject):
    if not subject or (subject.pipeline.process_owner_id is None and not subject.steps):
        return Layer(_("Ownership"), UNDEFINED, _("Nobody answers for the process or for any stage."))
    if subject.pipeline.process_owner_id is None:
        return Layer(_("Ownership"), PARTLY, _("The process itself has no owner."))
    if not subject.steps:
        return Layer(_("Ownership"), PARTLY, _("The process has an owner; no stage has one."))
    held = subject.held_roles()
    unheld = sorted({step.stage.owner_role.name for step in subject.steps} - held)
    if unheld:
        return Layer(_("Ownership"), PARTLY, _("Nobody has the role: %s.") % ", ".join(unheld))
    return Layer(_("Ownership"), DEFINED, _("The process and every stage have somebody who acts."))


def _follow_up(subject):
    name, none = _("Follow-up"), _("Nothing happens when the buyer does not answer.")
    return _by_timers(subject, name, RuleAction.TASK, none, _("a task comes after %s days without an answer"))


def _archive(subject):
    name, none = _("Archive"), _("Silent deals are never archived.")
    return _by_timers(subject, name, RuleAction.ARCHIVE, none, _("a silent deal leaves after %s days"))


def _by_timers(subject, name, action, none, how):
    steps = subject.steps if subject else []
    running = {step.stage.name: _days(subject, step.stage, action) for step in steps}
    common = _days(subject, None, action) if subject else []
    if not any(running.values()) and not (common and not steps):
        return Layer(name, UNDEFINED, none)
    if without := [stage for stage, days in running.items() if not days]:
        return Layer(name, PARTLY, _("Nothing of it in: %s.") % ", ".join(without))
    days = sorted({day for days in [*running.values(), common] for day in days})
    return Layer(name, DEFINED, _sentence(how % ", ".join(map(str, days))))


def _days(subject, stage, action):
    return [rule.days for rule in subject.of_silence(stage, action)]


def _sentence(words):
    return f"{words[:1].upper()}{words[1:]}."
