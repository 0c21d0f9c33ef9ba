"""The processes in force: what each stage asks, in words a program can follow."""

from django.shortcuts import get_object_or_404
from ninja import Query

from deals.moves import offered_reasons
from pipeline.models import Pipeline
from pipeline.process import process_of

from . import paging, shapes
from .door import operation
from .lists import DealList, listed


class Pipelines(listed(shapes.Pipeline)):
    """Processes in force."""


@operation("GET", "/process", Pipelines, tag="Process")
def list_processes(request, asked: Query[DealList]):
    """The pipelines and which version of their process is in force."""
    rows = Pipeline.objects.active().select_related("version")
    return Pipelines(**paging.page(rows, asked.cursor, asked.limit, shapes.Pipeline.of))


@operation("GET", "/process/{slug:slug}", shapes.Process, tag="Process")
def read_process(request, slug: str):
    """One process: its stages in order, what each asks before it is left or entered, and the reasons to lose a deal."""
    pipeline = get_object_or_404(Pipeline.objects.active().select_related("version"), slug=slug)
    process = process_of(pipeline)
    stages = [_stage(process, stage) for stage in process.stages]
    reasons = list(offered_reasons().values_list("name", flat=True))
    head = shapes.Pipeline.of(pipeline).model_dump()
    return shapes.Process(**head, stages=stages, loss_reasons=reasons)


def _stage(process, stage):
    asked = process.entry_criteria(stage.stage_id) + process.exit_criteria(stage.stage_id)
    names = ["slug", "name", "objective", "buyer_action", "probability", "target_days", "counts_as_pipeline"]
    told = {name: getattr(stage, name) for name in names}
    criteria = [shapes.Criterion.of(criterion, stage) for criterion in asked]
    return shapes.Stage(id=stage.stage_id, **told, criteria=criteria)
