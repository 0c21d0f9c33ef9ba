"""Turning the draft into what gates obey. The only writer of definitions and versions."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from . import completeness, weakening
from .difference import difference
from .drafted import Drafted
from .models import (
    CriterionDefinition,
    Pipeline,
    ProcessVersion,
    RuleDefinition,
    Stage,
    StageDefinition,
)
from .process import process_of
from .snapshots import (
    CRITERION_COLUMNS,
    DRAFTED_HEADING,
    RULE_COLUMNS,
    STAGE_COLUMNS,
    heading,
    snapshot,
    values,
)

problems_of = completeness.problems_of

# Called as observer(Publication) inside publish()'s transaction. Apps that keep something derived from the
# process (the deals' stored counts) add themselves here, since the pipeline knows nothing of them.
observers = []

# From when a tightened criterion binds live deals: at once, a date, or only those that enter its stage from now on.
NOW, ENTERING = "now", "entering"


class IncompleteProcess(Exception):
    """The draft cannot be published; `problems` says in words what is missing."""

    def __init__(self, problems):
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass
class Publication:
    """What one publish() did. `criteria` are the ids whose definition is new, changed or gone.

    `binding`: criterion id -> NOW, ENTERING or a date, for tightened criteria; what it does not name binds now.
    """

    pipeline: Pipeline
    version: ProcessVersion
    criteria: set = field(default_factory=set)
    stages: set = field(default_factory=set)
    binding: dict = field(default_factory=dict)


@transaction.atomic
def publish(pipeline, *, by, note="", binding=None, now=None, restores=None):
    """Publish the draft of a pipeline. Returns the version in force, the old one where nothing differs.

    `restores` is the older version whose process this one puts back. Raises IncompleteProcess. Locks the pipeline,
    so that moves judged by the old version end first.
    """
    pipeline = Pipeline.objects.select_for_update(no_key=True).get(pk=pipeline.pk)
    drafted, last = Drafted(pipeline), pipeline.versions.order_by("-number").first()
    now = _after(last, now or timezone.now())
    if problems := problems_of(pipeline, drafted):
        raise IncompleteProcess(problems)
    changes = _changes(drafted)
    if pipeline.version_id and not any(changes.values()) and _same_heading(pipeline):
        return pipeline.version
    version = _new_version(drafted, last, by, note, now, restores)
    for model, rows in changes.items():
        _replace(model, rows, version, now)
    _name_stages(changes[StageDefinition])
    pipeline.version, pipeline.entry_stage_id = version, drafted.stages[0].pk
    pipeline.save(update_fields=["version", "entry_stage"])
    publication = Publication(
        pipeline,
        version,
        criteria={key for key, _new in changes[CriterionDefinition]},
        stages={key for key, _new in changes[StageDefinition]},
        binding=bound(binding),
    )
    for observer in observers:
        observer(publication)
    weakening.tell(version, now)
    return version


def _after(last, now):
    """Versions follow each other in time, whatever the clocks of the machines say: what was in force is read by it."""
    if last is None or now > last.published_at:
        return now
    return last.published_at + timedelta(microseconds=1)


def bound(binding):
    """{criterion id: NOW, ENTERING or a date} from the same with text keys and ISO dates, as JSON keeps it."""
    return {int(key): _from_when(value) for key, value in (binding or {}).items()}


def _from_when(value):
    return value if value in (NOW, ENTERING) or isinstance(value, date) else date.fromisoformat(value)


def _same_heading(pipeline):
    published, draft = pipeline.version.snapshot, heading(pipeline)
    return all(published.get(name) == draft[name] for name in DRAFTED_HEADING)


def _changes(drafted):
    """{definition model: [(id of the draft row, draft row or None where it is gone)]} of what differs."""
    rows = {
        StageDefinition: drafted.stages,
        CriterionDefinition: drafted.criteria,
        RuleDefinition: drafted.rules_in_use,
    }
    return {model: _differing(drafted.pipeline, model, found) for model, found in rows.items()}


def _differing(pipeline, model, drafts):
    key, columns = _KEYS[model], _COLUMNS[model]
    if pipeline.version_id is None:
        return [(draft.pk, draft) for draft in drafts]
    current = {
        getattr(definition, key): definition
        for definition in model.objects.filter(version__pipeline=pipeline, valid_until__isnull=True)
    }
    changed = [
        (draft.pk, draft)
        for draft in drafts
        if draft.pk not in current or values(draft, columns) != values(current[draft.pk], columns)
    ]
    gone = set(current) - {draft.pk for draft in drafts}
    return changed + [(pk, None) for pk in sorted(gone)]


def _new_version(drafted, last, by, note, now, restores):
    taken = snapshot(drafted.pipeline, drafted)
    return ProcessVersion.objects.create(
        pipeline=drafted.pipeline,
        number=last.number + 1 if last else 1,
        published_at=now,
        published_by=by,
        note=note,
        restores=restores,
        snapshot=taken,
        weakened=difference(last.snapshot, taken).weakened if last else [],
    )


def _name_stages(changed):
    """A stage that leaves keeps the name and the place it had."""
    named = [pk for pk, stage in changed if stage is not None]
    Stage.objects.filter(pk__in=named).update(published_name=F("name"), published_position=F("position"))


_KEYS = {StageDefinition: "stage_id", CriterionDefinition: "criterion_id", RuleDefinition: "rule_id"}
_COLUMNS = {
    StageDefinition: STAGE_COLUMNS,
    CriterionDefinition: CRITERION_COLUMNS,
    RuleDefinition: RULE_COLUMNS,
}


def _replace(model, rows, version, now):
    key, columns = _KEYS[model], _COLUMNS[model]
    if version.pipeline.version_id is not None:
        replaced = {f"{key}__in": [pk for pk, _row in rows]}
        old = model.objects.filter(version__pipeline=version.pipeline, valid_until__isnull=True, **replaced)
        old.update(valid_until=now)
    model.objects.bulk_create(
        model(version=version, valid_from=now, **{key: pk}, **_definition_values(row, columns))
        for pk, row in rows
        if row is not None
    )


def _definition_values(row, columns):
    found = values(row, columns)
    found.setdefault("position", 1)
    return found


__all__ = [
    "ENTERING",
    "NOW",
    "IncompleteProcess",
    "Publication",
    "bound",
    "observers",
    "problems_of",
    "process_of",
    "publish",
    "snapshot",
]
