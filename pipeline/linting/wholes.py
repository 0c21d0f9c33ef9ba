"""The whole process: how many stages, who answers for it, what happens in silence, and whom it serves."""

from django.conf import settings
from django.utils.translation import gettext as _

from ..vocabulary import Kind
from . import criteria, rules, stages
from .finding import Finding, Level, Where, by_weight
from .subject import at, of_draft, of_published, several


def lint(pipeline):
    """Findings about the draft, the worst first."""
    return look(of_draft(pipeline))


def lint_published(pipeline):
    """Findings about what is in force. The pipeline must have been published."""
    return look(of_published(pipeline))


def look(subject):
    found = [*_whole(subject)]
    for step in subject.steps:
        found += stages.check(step.stage, subject.journey)
        found += criteria.check_gate(step)
        for criterion in step.criteria:
            found += criteria.check(step.stage, criterion, subject.pipeline)
    return by_weight([*found, *rules.check(subject), *_roles(subject)])


def _whole(subject):
    if subject.pipeline.process_owner_id is None:
        text = _("Nobody answers for this process.")
        yield Finding(Level.ERROR, "no-owner", text, _("Name one process owner."))
    if not subject.steps:
        text = _("The process has no stage.")
        yield Finding(Level.ERROR, "no-stages", text, _("Add the first step the buyer takes."))
        return
    yield from _count(len(subject.steps))
    yield from _unserved(subject)


def _count(count):
    least, most = settings.STAGES_AT_LEAST, settings.STAGES_AT_MOST
    words = {"count": count, "least": least, "most": most}
    if count > most:
        text = _("%(count)d stages: more than %(most)d are hard to tell apart.") % words
        mend = _("Merge the two whose criteria a rep would answer in the same conversation.")
        yield Finding(Level.WARN, "stage-count", text, mend)
    elif count < least:
        text = _("%(count)d stages: with fewer than %(least)d nobody sees where deals stop.") % words
        mend = _("Split the stage in which deals stay longest.")
        yield Finding(Level.WARN, "stage-count", text, mend)


def _unserved(subject):
    """R027: steps the buyer takes without us."""
    if not subject.journey:
        text = _("No buying journey is written down, so nobody can check that the stages follow the buyer.")
        mend = _("Add the buyer's own steps, one per line.")
        yield Finding(Level.HINT, "no-journey", text, mend)
    served = {step.stage.journey_step.strip() for step in subject.steps}
    for step in subject.journey:
        if step not in served:
            text = _("No stage serves the buyer's step “%s”.") % step
            mend = _("Choose it in the stage that does, or take it out of the journey.")
            yield Finding(Level.WARN, "journey-unserved", text, mend)


def _roles(subject):
    """Who is named by a role that nobody has: an approval waits for ever, a task goes to the deal's own people."""
    held = subject.held_roles()
    for step in subject.steps:
        for criterion in step.criteria:
            ours = criterion.kind == Kind.APPROVAL and not criterion.needs_buyer
            for name in criterion.role_list if ours else []:
                if name not in held:
                    yield _unheld(
                        Level.WARN, name, _("its approval can never come"), at(step.stage, criterion)
                    )
    yield from _unheld_owners(subject, held)


def _unheld_owners(subject, held):
    owners = {}
    for step in subject.steps:
        owners.setdefault(step.stage.owner_role.name, []).append(step.stage)
    for name, owned in owners.items():
        if name not in held:
            yield _unheld(Level.HINT, name, _("the next action stays with the deal's owner"), several(owned))
    for name in sorted(
        {rule.role for rule in subject.rules if rule.is_on and rule.role} - held - set(owners)
    ):
        yield _unheld(Level.HINT, name, _("its tasks go to the deal's owner"), Where())


def _unheld(level, role, so, where):
    text = _("Nobody has the role %(role)s: %(so)s.") % {"role": role, "so": so}
    return Finding(level, "role-unheld", text, _("Give the role to a person, or name another one."), where)
