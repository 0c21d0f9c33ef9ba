"""A process as the linter looks at it: the same shape for the draft, for what is in force, and for documents."""

from dataclasses import dataclass, field

from team.models import User

from ..models import Criterion, Stage
from ..models.fields import lines
from ..process import process_of
from ..vocabulary import SILENT_TRIGGERS, Side
from .finding import Where


@dataclass(frozen=True)
class Step:
    """One stage with its criteria; `next_entry` is what the following stage asks on entering."""

    stage: object
    number: int
    criteria: list
    next_entry: list = field(default_factory=list)

    @property
    def exit(self):
        return [criterion for criterion in self.criteria if criterion.side == Side.EXIT]

    @property
    def gate(self):
        """Everything asked between this stage and the next one."""
        return self.exit + self.next_entry


@dataclass(frozen=True)
class Subject:
    pipeline: object
    steps: list
    rules: list

    @property
    def journey(self):
        return lines(self.pipeline.buying_journey)

    def timers(self, stage):
        """The timers that run in a stage (None: in a stage without any of its own)."""
        own = {rule.key: rule for rule in self.rules if stage is not None and rule.stage_id == row_id(stage)}
        common = {rule.key: rule for rule in self.rules if rule.stage_id is None}
        return [rule for rule in (common | own).values() if rule.is_on]

    def of_silence(self, stage, action):
        """Those that really do something when the buyer is silent; in shadow nothing happens."""
        running = [rule for rule in self.timers(stage) if rule.action == action and not rule.is_shadow]
        return [rule for rule in running if rule.trigger in SILENT_TRIGGERS]

    def held_roles(self):
        """Names of the roles that some active person has."""
        people = User.objects.active().filter(roles__isnull=False)
        return set(people.values_list("roles__name", flat=True))


def of_draft(pipeline):
    rows = Criterion.objects.filter(stage__pipeline=pipeline, retired_at__isnull=True)
    criteria = {}
    for criterion in rows.order_by("position", "id"):
        criteria.setdefault(criterion.stage_id, []).append(criterion)
    stages = pipeline.stages.current().select_related("owner_role")
    known = pipeline.rules.exclude(key__startswith="former-").select_related("person", "endpoint")
    rules = known.order_by("days", "id")
    return Subject(pipeline, _steps([(stage, criteria.get(stage.pk, [])) for stage in stages]), list(rules))


def of_published(pipeline):
    """What is in force. The pipeline must have been published."""
    process = process_of(pipeline)
    found = [
        (stage, process.entry_criteria(stage.stage_id) + process.exit_criteria(stage.stage_id))
        for stage in process.stages
    ]
    return Subject(pipeline, _steps(found), list(process.rules))


def of_documents(documents):
    """Criteria that belong to no stage yet, such as those of the library, as rows never saved."""
    from ..loading import criterion_values

    stage = Stage(name="")
    return [Criterion(stage=stage, **criterion_values(document)) for document in documents]


def _steps(found):
    entries = [[c for c in criteria if c.side == Side.ENTRY] for _stage, criteria in found]
    return [
        Step(stage, number, criteria, entries[number] if number < len(found) else [])
        for number, (stage, criteria) in enumerate(found, 1)
    ]


def row_id(row):
    """The id of the draft row, whether this is one or a definition made from it."""
    kept = {"StageDefinition": "stage_id", "CriterionDefinition": "criterion_id", "RuleDefinition": "rule_id"}
    return getattr(row, kept.get(type(row).__name__, "pk"))


def at(stage, criterion=None):
    names = (stage.name,) if criterion is None else (stage.name, f"“{criterion.label}”")
    return Where(row_id(stage), None if criterion is None else row_id(criterion), None, names)


def at_rule(rule, stage=None):
    names = (stage.name,) if stage is not None else ()
    return Where(row_id(stage) if stage is not None else None, None, row_id(rule), names)


def several(stages):
    """Where something is the case in these stages."""
    return Where(row_id(stages[0]) if len(stages) == 1 else None, names=tuple(stage.name for stage in stages))
