"""The stages a lens looks at, in the order of the process in force."""

from dataclasses import dataclass

from pipeline.process import process_of

from . import once


@dataclass(frozen=True)
class Step:
    """One stage of one pipeline. `qualifying`: deals that reached it are qualified."""

    pipeline: object
    stage: object  # StageDefinition
    index: int
    is_last: bool
    qualifying: bool

    @property
    def id(self):
        return self.stage.stage_id

    @property
    def name(self):
        return self.stage.name


@once
def steps(lens):
    """Every step of the lens' pipelines."""
    return [step for pipeline in lens.pipelines for step in _steps(pipeline)]


def _steps(pipeline):
    stages = process_of(pipeline).stages
    first = next((n for n, stage in enumerate(stages) if stage.qualifies), len(stages))
    last = len(stages) - 1
    return [Step(pipeline, stage, n, n == last, n >= first) for n, stage in enumerate(stages)]


def qualifying_ids(lens):
    """Ids of the stages flagged as qualifying and all that come after them."""
    return [step.id for step in steps(lens) if step.qualifying]


def by_pipeline(lens):
    """[(pipeline, its steps)]."""
    found = {}
    for step in steps(lens):
        found.setdefault(step.pipeline, []).append(step)
    return list(found.items())
