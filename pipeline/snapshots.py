"""The draft as plain data: kept with every version, compared with what is in force, known again by its digest."""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder

from .drafted import Drafted
from .models.fields import CriterionFields, RuleFields, StageFields, lines, shared_names

STAGE_COLUMNS = [*shared_names(StageFields), "position", "slug"]
CRITERION_COLUMNS = [*shared_names(CriterionFields), "position", "slug", "stage_id"]
RULE_COLUMNS = [*shared_names(RuleFields), "key", "stage_id", "pipeline_id"]
# Of what a pipeline says of itself, only this is drafted. Its name and owner are on record with a version, and count
# at once like everything else on its page.
DRAFTED_HEADING = ("lost", "disqualified")

_ENCODER = DjangoJSONEncoder()


def snapshot(pipeline, drafted=None):
    """The whole draft, for the record and for comparing versions."""
    drafted = drafted or Drafted(pipeline)
    criteria = {}
    for criterion in drafted.criteria:
        criteria.setdefault(criterion.stage_id, []).append(_row(criterion, CRITERION_COLUMNS))
    stages = [
        _row(stage, STAGE_COLUMNS) | {"criteria": criteria.get(stage.pk, [])} for stage in drafted.stages
    ]
    rules = [_row(rule, RULE_COLUMNS) for rule in drafted.rules]
    return heading(pipeline) | {"stages": stages, "rules": rules}


def heading(pipeline):
    """What a version says of the pipeline itself."""
    return {
        "name": pipeline.name,
        "owner": pipeline.process_owner_id,
        "lost": lines(pipeline.lost_reasons),
        "disqualified": lines(pipeline.disqualified_reasons),
    }


def draft_digest(pipeline, drafted=None):
    """The same for the same draft, another for any other: what was looked at is what gets published."""
    taken = snapshot(pipeline, drafted)
    said = {key: value for key, value in taken.items() if key not in ("name", "owner")}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def values(row, columns):
    return {name: getattr(row, name) for name in columns if hasattr(row, name)}


def _row(row, columns):
    plain = {
        name: value if _is_json(value) else _ENCODER.default(value)
        for name, value in values(row, columns).items()
    }
    return plain | {"id": row.pk}


def _is_json(value):
    return value is None or isinstance(value, (bool, int, str))
