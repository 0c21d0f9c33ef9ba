"""The live deals beside the twelve: where they stand, and why a quarter of their money is not proven."""

from .plan import Plan, amount_of, hops_from, owner_of, stays
from .processes import NEW, SMALL

# pipeline -> how many stand in each stage. With the nine open ones of the twelve: 96 and 54.
STANDING = {NEW: [8, 16, 22, 18, 12, 8, 3], SMALL: [14, 18, 15, 7]}
# Money in the pipeline to be: the twelve bring 1,377,000 of it.
MONEY = {NEW: 3_533_000, SMALL: 490_000}
# cause -> money that is not proven for it, beside the twelve
CAUSES = {"past": 594_000, "imported": 320_000, "expired": 175_000, "exception": 107_000}
# Which stages a cause can happen in.
STAGES = {
    "past": {NEW: range(1, 6), SMALL: range(4)},
    "imported": {NEW: range(1, 5), SMALL: range(1, 3)},
    "expired": {NEW: range(4, 6), SMALL: range(2, 4)},
    "exception": {NEW: range(5, 6), SMALL: range(0)},
}
IMPORTED_ON = -20
# Who asked for the exceptions; with the one of the twelve, Tom has three.
ASKERS = ["tom", "tom", "mara"]
# Refusals at the gate they stand before: stage -> sets of slugs.
REFUSED = {
    3: [["wider_audience"]] * 4 + [["wider_audience", "next_step"], ["fit_confirmed"]],
    2: [["need_summary"], ["buying_group", "next_step"], ["need_summary"]],
    1: [["economic_buyer"], ["budget_access"]],
    4: [["review_date"]],
}


def live_plans(rng):
    """141 open plans and 10 re-engaging ones."""
    standing = [
        (pipeline, stage)
        for pipeline, counts in STANDING.items()
        for stage, n in enumerate(counts)
        for _ in range(n)
    ]
    plans = [_open_plan(rng, pipeline, stage) for pipeline, stage in standing]
    _scale(plans)
    _cause(rng, plans)
    for plan in plans:
        _dated(rng, plan)
    _refuse(rng, plans)
    return plans + [_silent_plan(rng, pipeline, stage) for pipeline, stage in _silent_stages()]


def _silent_stages():
    return [
        (NEW, 1),
        (NEW, 2),
        (NEW, 2),
        (NEW, 3),
        (NEW, 3),
        (NEW, 4),
        (SMALL, 0),
        (SMALL, 1),
        (SMALL, 1),
        (SMALL, 2),
    ]


def _open_plan(rng, pipeline, stage):
    return Plan(pipeline, owner_of(rng, pipeline, "live"), amount_of(rng, pipeline), 0, [0] * stage)


def _counts(plan):
    """Prospects are not pipeline."""
    return plan.pipeline == SMALL or plan.stage > 0


def _scale(plans):
    """Bring the sums to where the presenter says they are."""
    for pipeline, target in MONEY.items():
        counted = [plan for plan in plans if plan.pipeline == pipeline and _counts(plan)]
        least, step = (25_000, 500) if pipeline == NEW else (2_500, 100)
        for _round in range(4):
            factor = target / sum(plan.amount for plan in counted)
            for plan in counted:
                plan.amount = max(least, round(plan.amount * factor / step) * step)


def _cause(rng, plans):
    """Hand out the causes until each has its money."""
    order = list(plans)
    rng.shuffle(order)
    for cause in ("exception", "expired", "imported", "past"):
        left, askers = CAUSES[cause], list(ASKERS)
        for plan in order:
            fits = plan.state == "proven" and _counts(plan) and plan.stage in STAGES[cause][plan.pipeline]
            if fits and plan.amount <= left + 5_000:
                plan.state, left = cause, left - plan.amount
                if cause == "exception" and askers:
                    plan.owner = askers.pop(0)
            if left < 4_000:
                break


def _dated(rng, plan):
    """When it began, passed its gates, and what is next."""
    days = stays(rng, plan.pipeline, plan.stage)
    age = _age(rng, plan)
    if plan.state == "expired":
        days = _slow(plan, days, age)
    plan.born = -(sum(days) + age)
    plan.hops = hops_from(plan.born, days)
    plan.next_on = (
        -rng.randint(7, 10) if plan.state == "past" else rng.choice([-1, 1, 2, 3, 4, 5, 6, 8, 9, 12, 14])
    )


def _age(rng, plan):
    """Days in the stage it stands in."""
    if plan.state == "past":
        return rng.randint(15, 22)
    if plan.state in ("expired", "exception"):
        days = rng.randint(10, 16)
        return days if plan.state == "expired" else days - 6  # an exception lasts two weeks
    return rng.randint(2, 14 if plan.pipeline == NEW else 9)


def _slow(plan, days, age):
    """Stretch the stages after the one that asks for the budget, so that its proof is too old today."""
    keeps, asked_at = (90, 2) if plan.pipeline == NEW else (60, 1)
    missing = keeps + 4 - (sum(days[asked_at:]) + age)
    later = len(days) - asked_at
    return [*days[:asked_at], *(stay + max(0, -(-missing // later)) for stay in days[asked_at:])]


def _silent_plan(rng, pipeline, stage):
    """Last heard of 16 to 27 days ago; re-engaging since the fifteenth day after."""
    days = stays(rng, pipeline, stage)
    last_word = -rng.randint(17, 27)
    born = last_word - 4 - sum(days)
    plan = Plan(
        pipeline, owner_of(rng, pipeline, "live"), amount_of(rng, pipeline), born, hops_from(born, days)
    )
    plan.state, plan.next_on = "silent", last_word
    return plan


def _refuse(rng, plans):
    for stage, sets in REFUSED.items():
        fit = [
            p
            for p in plans
            if p.pipeline == NEW and p.stage == stage and p.state == "proven" and p.hops[-1] < -4
        ]
        for plan, slugs in zip(rng.sample(fit, min(len(fit), len(sets))), sets, strict=False):
            plan.refused[stage] = slugs
