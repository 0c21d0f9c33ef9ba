"""python -m bench forecast: how far off the forecast is, by three ways of counting, on months nobody had seen.

The demo company's nights are judged as its pages judge them. Beside it stand simulated companies whose truth is known:
which buyers are real, and whether proof tells them apart.
"""

import random
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import django

AT = datetime(2026, 11, 19, 9, tzinfo=UTC)
WAYS = ["proven, weighted", "every deal, weighted", "by history, whatever the stay", "by history"]
# The shipped process: what is set for each stage, and days a deal stays there.
SET = [20, 30, 45, 55, 70, 90]
STAYS = [9, 12, 13, 9, 15, 5]
# Chance to drop out of each stage, of a buyer who is real and of one who is not.
DROPS = {True: [0.22, 0.15, 0.10, 0.08, 0.05, 0.03], False: [0.30, 0.35, 0.40, 0.50, 0.60, 0.70]}
# Chance that a stage's gates hold: where proof tells who is real, and where it tells nothing.
TELLS = {"proof tells who is real": {True: 0.85, False: 0.2}, "proof tells nothing": {True: 0.5, False: 0.5}}
REAL, A_DAY = 0.55, 0.9
# Chance that a buyer goes quiet in a stage: it then takes so many times as long, and at least so many drop out of it.
STALLS, STALLED, DROPPED = {True: 0.04, False: 0.12}, (3, 6), 0.5
# Sellers name closes too early by this much, and put off what has passed by two weeks.
HOPE, PUT_OFF = 0.75, 14
MONTH, LEARNT, JUDGED = 30, 24, 12
# Other ones than those the weights in insights/forecast/history.py were tried on.
SEEDS = range(11, 16)


@dataclass
class Deal:
    """`entered`: the day it came into each stage; `end`: the day it was won or lost."""

    amount: float
    entered: list = field(default_factory=list)
    proven: list = field(default_factory=list)
    hoped: list = field(default_factory=list)
    end: int = 0
    won: bool = False

    def stage(self, day):
        """The stage it is in as a day begins; None before and after its life."""
        if not self.entered or not self.entered[0] < day <= self.end:
            return None
        return sum(entered < day for entered in self.entered) - 1

    def close(self, day, stage):
        hoped = self.hoped[stage]
        return hoped if hoped >= day else day + PUT_OFF


def simulate(seed, tells, stalls=False):
    """The deals of a company, from the first day to the last. Unless some stall, a stay says nothing of how it ends."""
    rng, deals = random.Random(seed), []
    for day in range((LEARNT + JUDGED) * MONTH):
        for _chance in range(2):
            if rng.random() < A_DAY / 2:
                deals.append(_live(rng, day, rng.random() < REAL, tells, stalls))
    return deals


def _live(rng, day, real, tells, stalls):
    deal = Deal(rng.lognormvariate(10.6, 0.5))
    for stage, stay in enumerate(STAYS):
        deal.entered.append(day)
        deal.proven.append(rng.random() < tells[real])
        deal.hoped.append(day + round(sum(STAYS[stage:]) * HOPE * rng.uniform(0.7, 1.3)))
        stay, drops = stay * rng.uniform(0.4, 2), DROPS[real][stage]
        if stalls and rng.random() < STALLS[real]:
            stay, drops = stay * rng.uniform(*STALLED), max(drops, DROPPED)
        day += max(1, round(stay))
        if rng.random() < drops:
            break
    else:
        deal.won = True
    deal.end = day
    return deal


def records(deals, day):
    """What the product would know that day of each stage: its own Record, from deals that had ended."""
    from insights.forecast.record import Record

    found = [Record(percent / 100) for percent in SET]
    for deal in (deal for deal in deals if deal.end < day):
        for record, entered, left in zip(found, deal.entered, [*deal.entered[1:], deal.end], strict=False):
            record.add(deal.won, deal.end - entered, left - entered)
    return found


def forecasts(deals, first):
    """What each way says, as the month begins, of that month."""
    last, known, said = first + MONTH - 1, records(deals, first), [0.0] * len(WAYS)
    stayless = [replace(record, stays={}) for record in known]
    for deal in deals:
        stage = deal.stage(first)
        if stage is None:
            continue
        dated = first <= deal.close(first, stage) <= last
        weighted = deal.amount * SET[stage] / 100 * dated
        said[0] += weighted * deal.proven[stage]
        said[1] += weighted
        for way, record in enumerate((stayless[stage], known[stage]), 2):
            said[way] += deal.amount * record.chance(first - deal.entered[stage], 0, MONTH - 1, dated)
    return said


def judge(deals):
    """[(forecasts, won)] of the months nobody had seen."""
    found = []
    for month in range(LEARNT, LEARNT + JUDGED):
        first = month * MONTH
        won = sum(deal.amount for deal in deals if deal.won and first <= deal.end < first + MONTH)
        found.append((forecasts(deals, first), won))
    return found


def rows(name, judged):
    """One line of the table: mean error in per cent of what was won, and whether it is too high or too low."""
    won = sum(float(actual) for _said, actual in judged)
    cells = []
    for way in range(len(WAYS)):
        missed = sum(abs(float(said[way]) - float(actual)) for said, actual in judged)
        bias = sum(float(said[way]) - float(actual) for said, actual in judged)
        cells.append(f"{100 * missed / won:.0f}% ({100 * bias / won:+.0f}%)")
    return f"| {name} | {len(judged)} | " + " | ".join(cells) + " |"


def demo():
    """[(forecasts, won)] of the demo company's full months, as its pages judge them."""
    from deals.demo import build
    from insights import periods
    from insights.demos import demo_forecast
    from insights.forecast import judged
    from insights.lens import Lens
    from team.models import User

    world = build.build(AT)
    lens = Lens.from_query(User.objects.get(email="admin@demo.example"), {}, AT)
    months = periods.months(judged.months_on(AT.date().replace(day=1), -8), 8)
    told, said = demo_forecast.lives(world), judged.by_month(lens, months)[0]
    return [
        ((one.proven, one.claimed, _whatever_the_stay(told, world, one), one.calibrated), one.actual)
        for one in said
    ]


def _whatever_the_stay(told, world, said):
    """What the night would have said of its month by history that knows no stays."""
    from insights.demos import demo_forecast
    from insights.forecast import history

    processes = [world.processes.now(slug) for slug in world.processes.pipelines]
    records = history.by(said.night, processes)
    stayless = {stage: replace(record, stays={}) for stage, record in records.items()}
    rows = demo_forecast.figures(told, said.night, stayless)
    return sum(row["calibrated"] + row["won"] for key, row in rows.items() if key[-1] == said.month)


def main():
    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    print(
        "Mean |forecast - won| of a month in per cent of what was won; in brackets forecasts less wins in sum."
    )
    print("Each forecast is that of the month's first morning and holds nothing of the month itself.\n")
    print("| company | months | " + " | ".join(WAYS) + " |\n| --- |" + " --: |" * (len(WAYS) + 1))
    print(rows("demo company, nights put together afterwards", demo()), flush=True)
    for stalls in (False, True):
        for name, tells in TELLS.items():
            found = [each for seed in SEEDS for each in judge(simulate(seed, tells, stalls))]
            print(rows(f"simulated, {name}" + stalls * ", deals that stall win less", found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
