"""Processes in force."""

from datetime import datetime

from pydantic import BaseModel, Field

from .gates import Criterion


class Pipeline(BaseModel):
    """One sales process."""

    id: int
    slug: str
    name: str
    use_when: str
    version: int
    in_force_since: datetime

    @classmethod
    def of(cls, pipeline):
        names = ["id", "slug", "name", "use_when"]
        told = {name: getattr(pipeline, name) for name in names}
        version = pipeline.version
        return cls(**told, version=version.number, in_force_since=version.published_at)


class Stage(BaseModel):
    """One stage as published."""

    id: int
    slug: str
    name: str
    objective: str
    buyer_action: str = Field(description="What the buyer has done by the day a deal enters.")
    probability: int
    target_days: int
    counts_as_pipeline: bool
    criteria: list[Criterion]


class Process(Pipeline):
    """A process in force, whole."""

    stages: list[Stage]
    loss_reasons: list[str]
