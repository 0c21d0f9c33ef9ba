"""The six headline figures and what follows from them, each beside the period before."""

from dataclasses import dataclass

from ..forecast import judged
from ..meanings.definitions import DEFINITIONS
from . import before, closing, percent
from .cohorts import cohorts
from .stages import steps

# Below this many deals a share says nothing.
LEAST = 5


@dataclass(frozen=True)
class Figure:
    """`unit`: percent, days or money. `before`: the same of the period before. None: not enough to say."""

    key: str
    value: object
    before: object
    unit: str
    # (part, whole) where it is a share.
    of: tuple = ()
    more: object = None

    @property
    def definition(self):
        return DEFINITIONS[self.key]

    @property
    def change(self):
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def outside(self):
        """Whether it left its healthy band."""
        low, high = self.definition.low, self.definition.high
        if self.value is None:
            return False
        return (low is not None and self.value < low) or (high is not None and self.value > high)


def figures(lens):
    """The six, in their order."""
    now, then = measured(lens), measured(before(lens))
    return [Figure(key, now[key][0], then[key][0], unit, *now[key][1:]) for key, unit in UNITS.items()]


UNITS = {
    "lead_to_opportunity": "percent", "win_rate": "percent", "cycle": "days", "deal_value": "money",
    "stage_conversion": "percent", "forecast_accuracy": "percent",
}  # fmt: skip


def measured(lens):
    """{key: (value, (part, whole) or nothing, more)}"""
    qualified, ended, cycle = cohorts(lens).qualified, closing.ended(lens), closing.cycle(lens)
    outcomes = closing.lead_outcomes(lens).values()
    begun, opportunities = sum(row[0] for row in outcomes), sum(row[1] for row in outcomes)
    moved, decided = conversion(lens)
    accuracy, months = judged.of_period(lens)
    return {
        "lead_to_opportunity": (enough(opportunities, begun), (opportunities, begun)),
        "win_rate": (
            enough(qualified.won, qualified.closed),
            (qualified.won, qualified.closed),
            qualified.live,
        ),
        "cycle": (cycle.median, (), cycle.mean),
        "deal_value": (ended.value, (ended.won,)),
        "stage_conversion": (enough(moved, decided), (moved, decided)),
        "forecast_accuracy": (accuracy, (), months),
    }


def enough(part, whole):
    return percent(part, whole) if whole >= LEAST else None


def conversion(lens):
    """(moved on, decided) of every stage that counts as pipeline, together."""
    found = cohorts(lens)
    counted = [found.stage(stage) for stage in counting(lens)]
    return sum(each.moved for each in counted), sum(each.decided for each in counted)


def counting(lens):
    """Ids of the stages that count as pipeline."""
    return [step.id for step in steps(lens) if step.stage.counts_as_pipeline]


def velocity(lens):
    """Money a day: (opportunities x value x win rate) / cycle. None where one of them is not known."""
    qualified, ended, cycle = cohorts(lens).qualified, closing.ended(lens), closing.cycle(lens)
    if not (ended.value and cycle.mean and qualified.closed):
        return None
    return qualified.reached * float(ended.value) * qualified.won / qualified.closed / cycle.mean
