"""How the deals of the mass live, as generators: each step hands facts to the scribe and yields what it asks for.

Yields a Hop to be made, a Hop wrapped in Refused where the gate is to say no, or None where time passes.
"""

from dataclasses import dataclass

from team.calendar import add_business_days

from ..models import AnswerState, Kind, Source
from ..moves.replay import Hop
from . import evidence
from .let_pass import stop_before
from .life import CHAMPION
from .plan_live import IMPORTED_ON
from .processes import NEW

OFFERED = 4  # number of the stage in which the offer is out


@dataclass
class Refused:
    """A hop that was asked for and is refused."""

    hop: Hop


def closed_life(life):
    yield from _through_gates(life)
    yield from _ENDINGS[life.plan.end[0]](life, life.plan.end[1])


def live_life(life):
    plan = life.plan
    if plan.state == "imported":
        yield from _after_import(life)
        return
    yield from _through_gates(life)
    if plan.state == "exception":
        return
    if plan.state == "silent":
        yield from _fall_silent(life, plan.next_on)
        return
    yield from _in_its_stage(life)


def _through_gates(life):
    plan = life.plan
    entered = plan.born
    for number, day in enumerate(plan.hops):
        process = life.process(day)
        to = process.stages[number + 1].stage_id
        if number in plan.refused:
            yield from _refused(life, entered + 2, process, to, plan.refused[number])
        elif number == OFFERED:
            _offer(life, entered + 1, day)
        last = number == len(plan.hops) - 1 and plan.end is None
        if last and plan.state == "exception":
            stop_before(life, day, process, to)
            yield None
            return
        life.settle_gate(day, process, to, step_on=_agreed(plan, day) if last else None)
        yield _hop(life, Kind.ADVANCE, day, 15, process, to=to)
        entered = day


def _agreed(plan, day):
    """The next step agreed on at the last gate; what was agreed later replaces it."""
    return plan.next_on if plan.next_on is not None and plan.next_on >= day else day + 5


def _refused(life, day, process, to, slugs):
    life.settle_gate(day, process, to, except_for=slugs)
    yield Refused(_hop(life, Kind.ADVANCE, day, 14, process, to=to))


def _offer(life, sent, answered):
    """The offer goes out; where the answer takes a week, a follow-up falls due."""
    life.chase(sent, subject="Our offer", kind="proposal")
    follow_up(life, sent, answered)


def follow_up(life, sent, answered):
    """The task that five business days of silence make, done on time or late as its owner has it."""
    clock = life.clock
    due = add_business_days(clock.day(sent), 5, life.world.organisation)
    if due > min(clock.day(answered), clock.t):
        return
    on_time = life.rng.random() < ON_TIME[life.deal.owner.email.partition("@")[0]]
    done = due if on_time else add_business_days(due, life.rng.randint(1, 4), life.world.organisation)
    life.scribe.task(
        deal=life.deal, assignee=life.deal.owner, title="Follow up on the offer",
        purpose="No reply for 5 business days after the offer was sent.", due_on=due, created_at=clock.on(due, 0, 5),
        done_at=clock.on(done, 16) if done < clock.t else None, outcome="Wrote again." if done < clock.t else "",
    )  # fmt: skip


ON_TIME = {"jonas": 0.97, "ines": 0.90, "tom": 0.81, "rep": 0.71}


def _hop(life, kind, day, hour, process, **fields):
    fields.setdefault("by", life.by)
    return Hop(life.deal, kind, life.clock.at(day, hour), life.clock.day(day), process=process, **fields)


# endings


def _won(life, day):
    process = life.process(day)
    life.settle_gate(day, process, None)
    yield _hop(life, Kind.WIN, day, 15, process)


def _lost(life, day):
    plan = life.plan
    life.talk(
        day, "call" if plan.stage else "email", CHAMPION, body=plan.note or "They told us that it is over."
    )
    yield _hop(
        life,
        Kind.LOSE,
        day,
        15,
        life.process(day),
        loss_reason=life.world.reasons[plan.reason],
        reason=plan.note,
    )


def _archived(life, day):
    """By the rule after thirty silent days where somebody had qualified it, by hand where nobody ever reacted."""
    if life.process(day).stage(life.deal.stage_id).qualifies or _is_qualified(life, day):
        yield from _fall_silent(life, day - 32)
        yield _hop(
            life, Kind.ARCHIVE, day, 1, life.process(day), by=None, source=Source.RULE, loss_reason=life.world.silent,
            reason="No buyer activity for 30 days; both attempts went unanswered.",
        )  # fmt: skip
        return
    for gone in (day - 20, day - 9):
        life.chase(gone, subject="A line about your meters")
    yield _hop(life, Kind.ARCHIVE, day, 15, life.process(day), reason="No reaction to three messages.")


def _is_qualified(life, day):
    process = life.process(day)
    here = process.index(life.deal.stage_id)
    return any(stage.qualifies for stage in process.stages[: here + 1])


_ENDINGS = {"won": _won, "lost": _lost, "disqualified": _lost, "archived": _archived}


def _fall_silent(life, last_word):
    life.talk(last_word, "call", CHAMPION)
    life.step(last_word, last_word + 6)
    life.chase(last_word + 1, subject="As promised")
    day = last_word + 15
    yield _hop(
        life, Kind.RE_ENGAGE, day, 0, life.process(day), by=None, source=Source.RULE,
        reason="No buyer response for 14 days.",
    )  # fmt: skip
    for number, due in enumerate((day, day + 8), 1):
        if due < 0:
            life.chase(due, subject="Still the plan for this year?")
            life.scribe.task(
                deal=life.deal, assignee=life.deal.owner, title=f"Re-engage: attempt {number} of 2",
                purpose="The buyer is silent. Write one line that is worth an answer.",
                due_on=life.clock.day(due), created_at=life.clock.at(due, 0, 5), done_at=life.clock.at(due, 16),
            )  # fmt: skip


# live ones


def _in_its_stage(life):
    """What has been said since the last gate: part of the next one, and a next step on a day."""
    plan = life.plan
    entered = plan.hops[-1] if plan.hops else plan.born
    day = _last_talk(life, entered)
    if day is None:
        return
    process = life.process(day)
    following = process.stage_after(life.deal.stage_id)
    to = following.stage_id if following else None
    if plan.stage in plan.refused:
        life.settle_gate(day, process, to, except_for=plan.refused[plan.stage], step_on=plan.next_on)
        if not life.deal.next_step_on or "next_step" in plan.refused[plan.stage]:
            life.step(day, plan.next_on)
        yield Refused(_hop(life, Kind.ADVANCE, day, 14, process, to=to))
        return
    _part_of_the_gate(life, day, process)
    yield None


def _last_talk(life, entered):
    if life.plan.state == "past":
        day = life.plan.next_on - life.rng.randint(3, 5)
    else:
        day = max(entered + 1, -life.rng.randint(1, 6))
    return day if entered < day < 0 else None


def _part_of_the_gate(life, day, process):
    conversation = life.talk(day, "call", CHAMPION)
    life.renew(day, process, conversation)
    life.step(day, life.plan.next_on)
    here = [d for d in process.exit_criteria(life.deal.stage_id) if d.criterion_id not in life.done]
    for definition in here[: life.rng.randint(0, max(0, len(here) - 2))]:
        claimed = life.rng.random() < 0.12
        state = AnswerState.CLAIMED if claimed else AnswerState.CONFIRMED
        life.satisfy(definition, day, conversation, life.plan.next_on, state)
    if _may_have_an_offer(life.plan) and life.rng.random() < 0.6:
        life.chase(day, subject="Our offer", kind="proposal")
    if life.rng.random() < 0.35:
        _to_do(life, day)


def _may_have_an_offer(plan):
    return plan.pipeline == NEW and plan.stage == OFFERED and plan.state == "proven"


def _to_do(life, day):
    """Something the owner promised to do before the next step."""
    due = life.clock.day(life.plan.next_on - life.rng.randint(0, 2))
    life.scribe.task(
        deal=life.deal, assignee=life.deal.owner, created_by=life.deal.owner, title=life.rng.choice(evidence.TO_DO),
        purpose=life.deal.next_step, due_on=due, created_at=life.clock.at(day, 17),
    )  # fmt: skip


def _after_import(life):
    """It stands where the other system had it; part of what that claims was asked since."""
    day = IMPORTED_ON + life.rng.randint(4, 12)
    process = life.process(day)
    conversation = life.talk(day, "call", CHAMPION, body=life.rng.choice(evidence.TALK["call"]))
    life.step(day, life.plan.next_on)
    early = [d for d in process.criteria_before(life.deal.stage_id) if d.kind != "next_step"]
    for definition in early[: life.rng.randint(1, max(1, len(early) - 2))]:
        life.satisfy(definition, day, conversation)
    yield None
