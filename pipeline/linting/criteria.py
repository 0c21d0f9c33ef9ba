"""What is said about one criterion, and about all that one gate asks."""

from django.utils.translation import gettext as _

from ..vocabulary import ActivityToken, Evidence, Kind
from . import limits, words
from .finding import Finding, Level
from .subject import at

# Kinds whose answer is something one can look at, whatever the label says.
_PLAIN = frozenset({Kind.YES_NO, Kind.TEXT, Kind.CHOICE})
_OUR_ACTS = {ActivityToken.EMAIL_OUT, ActivityToken.PROPOSAL, ActivityToken.NOTE}


def check(stage, criterion, pipeline=None):
    yield from limits.check(stage, criterion, pipeline)
    yield from list(_sellers_act(stage, criterion)) or _measurable(stage, criterion)
    yield from _guidance(stage, criterion)


def check_gate(step):
    """R010, R166: a gate that asks nothing, or more than one thing of the buyer's own making."""
    if not step.exit:
        text = _("No criteria: the gate is open, so every deal may leave this stage.")
        mend = _("Add what the buyer must have done before a deal goes on.")
        yield Finding(Level.WARN, "open-gate", text, mend, at(step.stage))
    made = [c for c in step.gate if c.evidence in (Evidence.OWN, Evidence.FILE)]
    if len(made) > 1:
        text = _("%(count)d criteria of this gate ask for something the buyer made: %(labels)s.")
        labels = "; ".join(criterion.label for criterion in made)
        mend = _("Keep one; for the others a conversation on record is enough.")
        yield Finding(
            Level.WARN, "too-much-own", text % {"count": len(made), "labels": labels}, mend, at(step.stage)
        )


def _sellers_act(stage, criterion):
    only_ours = (
        criterion.kind == Kind.ACTIVITY
        and criterion.activity_list
        and set(criterion.activity_list) <= _OUR_ACTS
        and not criterion.needs_buyer
    )
    if only_ours or words.sellers_act(criterion.label):
        text = _("It names what we do. A deal moves when the buyer does something.")
        mend = _(
            "Ask for their response: “The buyer confirmed receipt”, “The buyer said the demo met their needs”."
        )
        yield Finding(Level.WARN, "sellers-act", text, mend, at(stage, criterion))


def _measurable(stage, criterion):
    if word := words.vague_word(criterion.label):
        text = _("“%s” is a feeling: two people would answer it differently.") % word
        mend = _("Say what the buyer did that shows it.")
        yield Finding(Level.WARN, "vague", text, mend, at(stage, criterion))
    elif criterion.kind in _PLAIN and words.says_nothing(criterion.label):
        text = _("It is a heading, not a condition: nobody can tell whether it holds.")
        mend = _("Write one whole sentence: who did or said what.")
        yield Finding(Level.WARN, "not-measurable", text, mend, at(stage, criterion))


def _guidance(stage, criterion):
    told = ((_("nothing on why it is asked"), criterion.why), (_("no example"), criterion.good))
    missing = [label for label, value in told if not value.strip()]
    if missing:
        text = _("A new rep finds no help here: %s.") % ", ".join(missing)
        mend = _("Add one sentence; it shows under the label at the gate.")
        yield Finding(Level.HINT, "no-guidance", text, mend, at(stage, criterion))
