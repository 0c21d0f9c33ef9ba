"""Turning the draft into what gates obey. The only writer of definitions and versions."""

from dataclasses import dataclass, field

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import (
    CriterionDefinition,
    Pipeline,
    ProcessVersion,
    RuleDefinition,
    StageDefinition,
)
from .models.fields import CriterionFields, RuleFields, StageFields, lines, shared_names
from .process import process_of

STAGE_COLUMNS = [*shared_names(StageFields), "position", "slug"]
CRITERION_COLUMNS = [*shared_names(CriterionFields), "position", "slug", "stage_id"]
RULE_COLUMNS = [*shared_names(RuleFields), "key", "stage_id", "pipeline_id"]

# Called as observer(Publication) inside publish()'s transaction. Apps that keep something derived from the
# process (the deals' stored counts) add themselves here, since the pipeline knows nothing of them.
observers = []


class IncompleteProcess(Exception):
    """The draft cannot be published; `problems` says in words what is missing."""

    def __init__(self, problems):
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass
class Publication:
    """What one publish() did. `criteria` are the ids whose definition is new, changed or gone."""

    pipeline: Pipeline
    version: ProcessVersion
    criteria: set = field(default_factory=set)
    stages: set = field(default_factory=set)


def problems_of(pipeline):
    """What keeps the draft from being published, in words."""
    found = []
    if pipeline.process_owner_id is None:
        found.append(_("The pipeline has no process owner."))
    stages = list(pipeline.stages.current())
    if not stages:
        found.append(_("The pipeline has no stage."))
    found += [_("%s: no buyer action.") % stage.name for stage in stages if not stage.buyer_action.strip()]
    return found


@transaction.atomic
def publish(pipeline, *, by, note="", now=None):
    """Publish the draft of a pipeline. Returns the version in force, the old one where nothing differs.

    Raises IncompleteProcess. Locks the pipeline, so that moves judged by the old version end first.
    """
    now = now or timezone.now()
    pipeline = Pipeline.objects.select_for_update().get(pk=pipeline.pk)
    if problems := problems_of(pipeline):
        raise IncompleteProcess(problems)
    changes = _changes(pipeline)
    if pipeline.version_id and not any(changes.values()) and _same_heading(pipeline):
        return pipeline.version
    version = _new_version(pipeline, by, note, now)
    for model, rows in changes.items():
        _replace(model, rows, version, now)
    pipeline.version, pipeline.entry_stage = version, pipeline.stages.current().first()
    pipeline.save(update_fields=["version", "entry_stage"])
    publication = Publication(
        pipeline,
        version,
        criteria={key for key, _new in changes[CriterionDefinition]},
        stages={key for key, _new in changes[StageDefinition]},
    )
    for observer in observers:
        observer(publication)
    return version


def _heading(pipeline):
    """What a version says of the pipeline itself."""
    return {
        "name": pipeline.name,
        "owner": pipeline.process_owner_id,
        "lost": lines(pipeline.lost_reasons),
        "disqualified": lines(pipeline.disqualified_reasons),
    }


def _same_heading(pipeline):
    published = pipeline.version.snapshot
    return all(published.get(name) == value for name, value in _heading(pipeline).items())


def _changes(pipeline):
    """{definition model: [(id of the draft row, draft row or None where it is gone)]} of what differs."""
    stages = list(pipeline.stages.current())
    in_use = {stage.pk for stage in stages}
    criteria = [c for stage in stages for c in stage.criteria.filter(retired_at__isnull=True)]
    rules = [r for r in pipeline.rules.all() if r.stage_id is None or r.stage_id in in_use]
    return {
        StageDefinition: _differing(pipeline, StageDefinition, "stage_id", stages, STAGE_COLUMNS),
        CriterionDefinition: _differing(
            pipeline, CriterionDefinition, "criterion_id", criteria, CRITERION_COLUMNS
        ),
        RuleDefinition: _differing(pipeline, RuleDefinition, "rule_id", rules, RULE_COLUMNS),
    }


def _differing(pipeline, model, key, drafts, columns):
    current = {
        getattr(definition, key): definition
        for definition in model.objects.filter(version__pipeline=pipeline, valid_until__isnull=True)
    }
    changed = [
        (draft.pk, draft)
        for draft in drafts
        if draft.pk not in current or _values(draft, columns) != _values(current[draft.pk], columns)
    ]
    gone = set(current) - {draft.pk for draft in drafts}
    return changed + [(pk, None) for pk in sorted(gone)]


def _values(row, columns):
    return {name: getattr(row, name) for name in columns if hasattr(row, name)}


def _new_version(pipeline, by, note, now):
    last = pipeline.versions.order_by("-number").first()
    return ProcessVersion.objects.create(
        pipeline=pipeline,
        number=last.number + 1 if last else 1,
        published_at=now,
        published_by=by,
        note=note,
        snapshot=snapshot(pipeline),
    )


def snapshot(pipeline):
    """The whole draft as plain data, for the record and for comparing versions."""
    stages = []
    for stage in pipeline.stages.current():
        row = _plain(stage, STAGE_COLUMNS) | {"id": stage.pk}
        row["criteria"] = [
            _plain(c, CRITERION_COLUMNS) | {"id": c.pk}
            for c in stage.criteria.filter(retired_at__isnull=True)
        ]
        stages.append(row)
    rules = [_plain(rule, RULE_COLUMNS) for rule in pipeline.rules.all()]
    return _heading(pipeline) | {"stages": stages, "rules": rules}


def _plain(row, columns):
    encoder = DjangoJSONEncoder()
    values = _values(row, columns)
    return {name: value if _is_json(value) else encoder.default(value) for name, value in values.items()}


def _is_json(value):
    return value is None or isinstance(value, (bool, int, str))


_KEYS = {StageDefinition: "stage_id", CriterionDefinition: "criterion_id", RuleDefinition: "rule_id"}
_COLUMNS = {
    StageDefinition: STAGE_COLUMNS,
    CriterionDefinition: CRITERION_COLUMNS,
    RuleDefinition: RULE_COLUMNS,
}


def _replace(model, rows, version, now):
    key, columns = _KEYS[model], _COLUMNS[model]
    old = model.objects.filter(
        version__pipeline=version.pipeline,
        valid_until__isnull=True,
        **{f"{key}__in": [pk for pk, _row in rows]},
    )
    old.update(valid_until=now)
    model.objects.bulk_create(
        model(version=version, valid_from=now, **{key: pk}, **_definition_values(row, columns))
        for pk, row in rows
        if row is not None
    )


def _definition_values(row, columns):
    values = _values(row, columns)
    values.setdefault("position", 1)
    return values


__all__ = [
    "IncompleteProcess",
    "Publication",
    "observers",
    "problems_of",
    "process_of",
    "publish",
    "snapshot",
]
