"""What was in force before a version: definitions end with the publication that replaced them."""

from django.db.models import Q

from .models import CriterionDefinition, RuleDefinition, StageDefinition
from .process import Process


def process_before(version):
    """The Process that this version replaced; None for a pipeline's first."""
    last = version.pipeline.versions.filter(number__lt=version.number).first()
    if last is None:
        return None
    stages = _newest(_in_force(StageDefinition, version).select_related("owner_role"), "stage_id")
    criteria = _newest(_in_force(CriterionDefinition, version), "criterion_id")
    rules = _newest(_in_force(RuleDefinition, version), "rule_id")
    return Process(
        last,
        sorted(stages, key=lambda row: row.position),
        sorted(criteria, key=lambda row: (row.position, row.criterion_id)),
        sorted(rules, key=lambda row: row.days),
    )


def _newest(rows, key):
    """One row for each key: several publications may share an instant."""
    return {getattr(row, key): row for row in rows}.values()


def definition_before(version, criterion_id):
    """What a criterion asked before this version; None where it asked nothing."""
    return _in_force(CriterionDefinition, version).filter(criterion=criterion_id).last()


def _in_force(model, version):
    ended_here = Q(valid_until=version.published_at) | Q(valid_until__isnull=True)
    later = Q(valid_until__gt=version.published_at)
    older = model.objects.filter(version__pipeline=version.pipeline_id, version__number__lt=version.number)
    return older.filter(ended_here | later).order_by("version__number")
