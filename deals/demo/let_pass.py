"""Exceptions of the demo: asked for by who sells, granted by Ruth, through the functions the pages use."""

from datetime import timedelta

from .. import moves
from ..asking import exceptions
from ..models import AnswerState, Deal

LASTS = 14
# What was open, in the words of who asked.
REASONS = [
    "Purchasing has to approve it too and names nobody before its meeting next week. Their engineer wants to talk"
    " about the price now, and we lose the slot in their shutdown if we wait.",
    "Their works manager is away until Monday and alone knows the order of signatures. Finance has asked for our"
    " terms meanwhile, so we go on with what we have.",
    "The group is being merged and says that names follow with the new chart. The plant wants to settle the terms"
    " before that, and so do we.",
]
NOTE = "Bring me the names before you talk about a discount."


def let_pass(world, deal, stage_id, *, day, reason, note, until, hour=16):
    """Asked for at that hour, granted within the next."""
    seen, ruth = Deal.objects.values_list("seq", flat=True).get(pk=deal.pk), world.people["ruth"]
    asked = exceptions.ask(
        deal.pk, to=stage_id, seen_seq=seen, by=deal.owner, reason=reason, now=world.clock.at(day, hour)
    )
    last = world.clock.t + timedelta(days=until)
    moves.grant(asked.pk, by=ruth, now=world.clock.at(day, hour + 1), expires_on=last, note=note)


def stop_before(life, day, process, to):
    """Everything the gate asks is said but the approval path, of which somebody only claims to know."""
    life.settle_gate(day, process, to, except_for=("approval_path",), step_on=life.plan.next_on)
    path = next(d for d in process.criteria_of_all() if d.slug == "approval_path")
    conversation = life.talk(day, "call", 0, hour=13, body="The names of those who approve it will follow.")
    life.say(
        path, day, conversation, AnswerState.CLAIMED
    ).words = "Purchasing approves it too; the name follows."


def let_mass_pass(world, plans, deals):
    """The deals of the mass that passed their last gate by exception."""
    excepted = [plan for plan in plans if plan.state == "exception"]
    for plan, reason in zip(excepted, REASONS, strict=False):
        day, stage = plan.hops[-1], world.processes.now(plan.pipeline).stages[plan.stage]
        let_pass(
            world, deals[plan.name], stage.stage_id, day=day, reason=reason, note=NOTE, until=day + LASTS
        )
