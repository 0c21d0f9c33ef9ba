"""manage.py check --deploy also says which gates are open by accident."""

from django.core.checks import Warning as CheckWarning
from django.core.checks import register
from django.db import DatabaseError


@register(deploy=True)
def no_open_gates(app_configs=None, **kwargs):
    try:
        return [_warning(pipeline, stage) for pipeline, stage in open_gates()]
    except DatabaseError:  # not migrated yet; config.checks says so
        return []


def open_gates():
    """(pipeline, stage definition) of every published stage that asks nothing on leaving."""
    from .models import Pipeline  # the app registry must be ready
    from .process import process_of

    for pipeline in Pipeline.objects.active().select_related("version"):
        for stage in process_of(pipeline).open_gates:
            yield pipeline, stage


def _warning(pipeline, stage):
    return CheckWarning(
        f"Open gate: {pipeline.name}, {stage.name} has no exit criterion, so every deal may leave it.",
        hint="Add a criterion in the administration.",
        id="pipeline.W001",
    )
