"""The draft as a Process: what would be in force if it were published now, made of rows nobody saved."""

from django.utils import timezone

from .models import (
    Criterion,
    CriterionDefinition,
    ProcessVersion,
    Rule,
    RuleDefinition,
    StageDefinition,
)
from .process import Process
from .snapshots import CRITERION_COLUMNS, RULE_COLUMNS, STAGE_COLUMNS, values


def process_of_draft(pipeline):
    """A Process nobody obeys yet. Its version has no id and a token of its own, so no cache takes it for another."""
    last = pipeline.version.number if pipeline.version_id else 0
    version = ProcessVersion(pipeline=pipeline, number=last + 1, published_at=timezone.now())
    return Process(
        version,
        [_defined(StageDefinition, "stage", row, STAGE_COLUMNS, version) for row in _stages(pipeline)],
        [
            _defined(CriterionDefinition, "criterion", row, CRITERION_COLUMNS, version)
            for row in _criteria(pipeline)
        ],
        [_defined(RuleDefinition, "rule", row, RULE_COLUMNS, version) for row in _rules(pipeline)],
    )


def _stages(pipeline):
    return pipeline.stages.current().select_related("owner_role")


def _criteria(pipeline):
    asked = Criterion.objects.filter(
        stage__pipeline=pipeline, stage__retired_at__isnull=True, retired_at__isnull=True
    )
    return asked.order_by("position", "id")


def _rules(pipeline):
    rules = Rule.objects.filter(pipeline=pipeline).exclude(stage__retired_at__isnull=False)
    return rules.order_by("days")


def _defined(model, key, row, columns, version):
    found = values(row, columns)
    found.setdefault("position", 1)
    return model(version=version, valid_from=version.published_at, **{key: row}, **found)
