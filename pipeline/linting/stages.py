"""What is said about one stage: its name, the buyer's act, the playbook, and its place in the buying journey."""

from django.utils.translation import gettext as _

from . import words
from .finding import Finding, Level
from .subject import at


def check(stage, journey):
    yield from _name(stage)
    yield from _buyer_action(stage)
    yield from _playbook(stage)
    yield from _journey(stage, journey)


def _name(stage):
    if words.vague_name(stage.name):
        text = _("The name says how a deal feels, not what has happened.")
        mend = _("Name the step the buyer takes here.")
        yield Finding(Level.WARN, "vague", text, mend, at(stage))
    elif words.sellers_act(stage.name):
        text = _("The name says what we did. The buyer has done nothing yet.")
        mend = _("Name what the buyer does in this stage.")
        yield Finding(Level.WARN, "sellers-act", text, mend, at(stage))


def _buyer_action(stage):
    action = stage.buyer_action.strip()
    if not action:
        text = _("No buyer action: nobody can say when a deal belongs here.")
        mend = _("Write what the buyer has already done on the day a deal enters.")
        yield Finding(Level.ERROR, "no-buyer-action", text, mend, at(stage))
    elif words.sellers_act(action):
        text = _("The buyer action names what we did: “%s”.") % action
        mend = _("Write their act, in the past tense: “Asked for a proposal”.")
        yield Finding(Level.WARN, "sellers-act", text, mend, at(stage))


def _playbook(stage):
    """R140, R145: what we do has to serve something the buyer needs."""
    actions, needs = stage.we_do_lines, stage.buyer_needs_lines
    if not needs and actions:
        text = _("Nothing says what the buyer needs here, so these actions serve no need: %s.")
        mend = _("Write what the buyer needs, then keep the actions that serve it.")
        yield Finding(Level.WARN, "orphan-actions", text % "; ".join(actions), mend, at(stage))
    elif not needs:
        text = _("Nothing says what the buyer needs in this stage.")
        mend = _("Add two or three lines to the playbook.")
        yield Finding(Level.WARN, "no-needs", text, mend, at(stage))
    elif len(actions) > len(needs):
        text = _("%(actions)d things we do stand beside %(needs)d needs of the buyer.")
        counts = {"actions": len(actions), "needs": len(needs)}
        mend = _("Ask of each action which need it serves; drop it, or add the need.")
        yield Finding(Level.HINT, "orphan-actions", text % counts, mend, at(stage))


def _journey(stage, journey):
    step = stage.journey_step.strip()
    if journey and not step:
        text = _("It serves no step of the buying journey.")
        mend = _("Choose the step, or ask whether the buyer needs this stage.")
        yield Finding(Level.WARN, "journey-unmapped", text, mend, at(stage))
    elif journey and step not in journey:
        text = _("It serves “%s”, which the buying journey no longer has.") % step
        mend = _("Choose the step again.")
        yield Finding(Level.WARN, "journey-unknown", text, mend, at(stage))
