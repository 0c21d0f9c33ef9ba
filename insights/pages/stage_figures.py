"""What happened in one stage within a year: the dashboard's own figures, for the stage's page."""

from dataclasses import dataclass

from deals.models import Kind

from ..benchmarks import METRICS, Standing
from ..lens import Lens
from ..meanings.definitions import DEFINITIONS
from ..metrics import cohorts, stays, waiting
from ..metrics.six import enough
from ..models import Benchmark
from ..panels.waits import MAILS, TALKS

PERIOD = "365"
DEFINED = ["stage_conversion", "stage_win_rate", "time_in_stage", "waiting_us", "waiting_buyer", "activities"]


@dataclass(frozen=True)
class StageFigures:
    lens: Lens
    cohort: cohorts.Cohort
    stays: stays.Stays
    back: int
    excepted: int
    us: waiting.Waited
    buyer: waiting.Waited
    kinds: dict
    benchmarks: list

    @property
    def conversion(self):
        """Whole percent; None where too few deals are decided."""
        return _rounded(enough(self.cohort.moved, self.cohort.decided))

    @property
    def win_rate(self):
        return _rounded(enough(self.cohort.won, self.cohort.closed))

    @property
    def spread(self):
        return self.stays.spread

    @property
    def median(self):
        """Whole days."""
        return round(self.spread.median)

    calls = property(lambda self: self.kinds.get("call", 0))
    mails = property(lambda self: sum(self.kinds.get(kind, 0) for kind in MAILS))
    meetings = property(lambda self: sum(self.kinds.get(kind, 0) for kind in TALKS))
    definitions = property(lambda self: [DEFINITIONS[name] for name in DEFINED])


def _rounded(value):
    return None if value is None else round(value)


def of(user, pipeline, stage, now):
    """Seven statements, however many deals there are."""
    lens = Lens.from_query(user, {"period": PERIOD, "pipeline": str(pipeline.pk)}, now)
    detours, none = cohorts.detours(lens), waiting.Waited()
    bands = Benchmark.objects.filter(stage=stage.stage_id).select_related("asks")
    return StageFigures(
        lens=lens,
        cohort=cohorts.cohorts(lens).stage(stage.stage_id),
        stays=stays.stays(lens).get(stage.stage_id, stays.Stays()),
        back=detours.get((Kind.BACK, stage.stage_id), 0),
        excepted=detours.get((Kind.EXCEPTION, stage.stage_id), 0),
        us=waiting.on_us(lens).get(stage.stage_id, none),
        buyer=waiting.on_buyer(lens).get(stage.stage_id, none),
        kinds=waiting.activities(lens).get(stage.stage_id, {}),
        benchmarks=[Standing(row, None, lens.currency) for row in bands if row.metric in METRICS],
    )
