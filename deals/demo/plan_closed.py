"""The 600 closed deals of 18 months, less the two that are told as stories."""

from .evidence import LOST_NOTES
from .plan import Plan, amount_of, hops_from, lost_note, owner_of, stays
from .processes import NEW, SMALL, V3_DAY

FIRST_DAY, LAST_DAY = -538, -2
# pipeline -> outcome -> {number of the stage it ended in: how many}. Lorvane and Brindleby make it 138 and 110.
ENDED = {
    NEW: {
        "won": {6: 62},
        "lost": {2: 30, 3: 85, 4: 32, 5: 3},
        "disqualified": {0: 34, 1: 26},
        "archived": {0: 18, 2: 15, 3: 23, 4: 2},
    },
    SMALL: {
        "won": {3: 75},
        "lost": {1: 52, 2: 50, 3: 10},
        "disqualified": {0: 30},
        "archived": {0: 12, 1: 17, 2: 22},
    },
}
LOST = {
    "No decision": 81, "Signer never involved": 52, "Lost to a competitor": 47, "Price": 31, "Timing moved": 28,
    "Missing capability": 15, "Lost to doing it themselves": 8,
}  # fmt: skip
# Who won the 47 that were lost to a competitor.
TAKEN = {"Pelloran": 21, "Hydrovane Nord": 15, "Metrisk": 11}
DISQUALIFIED = {
    "Poor fit": 34, "No problem worth solving": 25, "No money and no way to it": 22,
    "Not a buyer (student, supplier, competitor)": 9,
}  # fmt: skip
STAY_AT_END = {"won": None, "lost": (8, 40), "disqualified": (3, 18), "archived": (33, 38)}
LEAST_FOR_REFUSAL = 5  # days in the stage
# Refusals since the third version: the gate's number -> sets of slugs that were open, one refusal each.
REFUSED = {
    3: [["wider_audience"]] * 3 + [["wider_audience", "proposal_requested"]] * 2 + [["fit_confirmed"]] * 2
    + [["proposal_requested"]],
    1: [["budget_access"], ["decision_date", "next_step"], ["economic_buyer"], ["budget_access", "economic_buyer"]],
    2: [["need_summary"], ["need_summary", "buying_group"], ["buying_group"], ["next_step"]],
    4: [["review_date"], ["approval_path"], ["economic_buyer_engaged", "open_points"]],
    5: [["our_approvals"], ["signing_date"]],
}  # fmt: skip


def closed_plans(rng):
    """598 plans, in the order of their ending."""
    plans = [
        _plan(rng, pipeline, outcome, stage)
        for pipeline, outcomes in ENDED.items()
        for outcome, stages in outcomes.items()
        for stage, count in stages.items()
        for _each in range(count)
    ]
    _give_reasons(rng, plans, "lost", LOST)
    _name_winners(plans)
    _give_reasons(rng, plans, "disqualified", DISQUALIFIED)
    _refuse(rng, plans)
    return sorted(plans, key=lambda plan: (plan.end[1], plan.name))


def _plan(rng, pipeline, outcome, stage):
    days = stays(rng, pipeline, stage + (outcome == "won"))
    limits = STAY_AT_END[outcome]
    total = sum(days) + (rng.randint(*limits) if limits else 0)
    ended = rng.randint(FIRST_DAY + total, _latest(rng, pipeline, outcome, stage))
    hops = hops_from(ended - total, days[:stage])
    return Plan(
        pipeline,
        owner_of(rng, pipeline, outcome),
        amount_of(rng, pipeline),
        ended - total,
        hops,
        end=(outcome, ended),
    )


def _latest(rng, pipeline, outcome, stage):
    """Since the signer has to speak with us, fewer proposals end in Propose."""
    if pipeline == NEW and stage == 4 and outcome == "lost" and rng.random() < 0.7:
        return V3_DAY - 5
    return LAST_DAY


def _give_reasons(rng, plans, outcome, counts):
    reasons = [reason for reason, count in counts.items() for _each in range(count)]
    rng.shuffle(reasons)
    ended = [plan for plan in plans if plan.end[0] == outcome]
    for plan, reason in zip(ended, reasons, strict=True):
        plan.reason, plan.note = reason, lost_note(rng, reason, LOST_NOTES)


def _name_winners(plans):
    """Spread evenly over those lost to a competitor."""
    lost = [plan for plan in plans if plan.reason == "Lost to a competitor"]
    names = [(each / count, name) for name, count in TAKEN.items() for each in range(count)]
    for plan, (_place, name) in zip(lost, sorted(names), strict=True):
        plan.note = f"They chose {name}."


def _refuse(rng, plans):
    """Let some that passed a gate under the third version be refused there first."""
    for gate, sets in REFUSED.items():
        fit = [
            plan for plan in plans
            if plan.pipeline == NEW and plan.stage > gate and not plan.refused
            and plan.hops[gate - 1] > V3_DAY and plan.hops[gate] - plan.hops[gate - 1] > LEAST_FOR_REFUSAL
        ]  # fmt: skip
        for plan, slugs in zip(rng.sample(fit, min(len(sets), len(fit))), sets, strict=False):
            plan.refused[gate] = slugs
