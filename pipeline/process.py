"""The published process of a pipeline as one value: read once per version, shared by every page and gate."""

from collections import OrderedDict
from functools import cached_property

from team.prepared import Prepared

from .models import CriterionDefinition, Pipeline, RuleDefinition, StageDefinition
from .stage_names import names_of
from .vocabulary import RuleAction, Side

_CACHE_SIZE = 64
_cache = OrderedDict()


class Process:
    """Stages in order with their criteria, as published in one version. Never changes once built."""

    def __init__(self, version, stages, criteria, rules):
        self.version = version
        self.pipeline_id = version.pipeline_id
        self.stages = tuple(stages)
        self.rules = tuple(rules)
        self._rules = {rule.pk: rule for rule in self.rules}
        self._timers, self._chains = {}, {}
        self._index = {stage.stage_id: number for number, stage in enumerate(self.stages)}
        self._criteria = {stage.stage_id: [] for stage in self.stages}
        for criterion in criteria:
            if criterion.stage_id in self._criteria:
                self._criteria[criterion.stage_id].append(criterion)

    def __contains__(self, stage_id):
        return stage_id in self._index

    @property
    def entry(self):
        return self.stages[0]

    @property
    def last(self):
        return self.stages[-1]

    def index(self, stage_id):
        """Place of the stage in the order, from 0. KeyError where it is not one of this process."""
        return self._index[stage_id]

    def stage(self, stage_id):
        return self.stages[self._index[stage_id]]

    def stage_after(self, stage_id):
        number = self._index[stage_id] + 1
        return self.stages[number] if number < len(self.stages) else None

    def exit_criteria(self, stage_id):
        return [c for c in self._criteria[stage_id] if c.side == Side.EXIT]

    def entry_criteria(self, stage_id):
        return [c for c in self._criteria[stage_id] if c.side == Side.ENTRY]

    def criteria_before(self, stage_id):
        """Everything a deal answered for to stand here: all criteria of earlier stages and this one's entry side."""
        earlier = [
            c for stage in self.stages[: self._index[stage_id]] for c in self._criteria[stage.stage_id]
        ]
        return earlier + self.entry_criteria(stage_id)

    def criteria_of_all(self):
        return [c for stage in self.stages for c in self._criteria[stage.stage_id]]

    def asked_from(self, from_id, to_id):
        """What the gate from one stage to a later one asks: all sides of the stages passed, the target's entry side.

        `to_id` None stands for winning: everything up to the last stage's exit.
        """
        start = self._index[from_id]
        end = self._index[to_id] if to_id is not None else len(self.stages)
        passed = self.exit_criteria(from_id)
        for stage in self.stages[start + 1 : end]:
            passed = passed + self._criteria[stage.stage_id]
        return passed + (self.entry_criteria(to_id) if to_id is not None else [])

    @cached_property
    def by_criterion(self):
        return {c.criterion_id: c for c in self.criteria_of_all()}

    @cached_property
    def open_gates(self):
        """Stages that ask nothing on leaving: their gate is open by design or by accident."""
        return [stage for stage in self.stages if not self.exit_criteria(stage.stage_id)]

    def rule(self, key, stage_id=None):
        """The timer of that key for a stage, else the pipeline's; None where it is off or there is none."""
        own = [r for r in self.rules if r.key == key and r.stage_id in (stage_id, None)]
        rule = max(own, key=lambda r: r.stage_id is not None, default=None)
        return rule if rule is not None and rule.is_on else None

    def rule_by_id(self, pk):
        """The rule's definition of that id, None where it is no longer in force."""
        return self._rules.get(pk)

    def timers(self, stage_id):
        """The timers that run in a stage, soonest first."""
        if stage_id not in self._timers:
            keys = dict.fromkeys(rule.key for rule in self.rules)
            self._timers[stage_id] = [rule for key in keys if (rule := self.rule(key, stage_id))]
        return self._timers[stage_id]

    def chain(self, stage_id):
        """Of those: (the attempts to re-engage in order, the archive or None, the rules that stand for themselves)."""
        if stage_id not in self._chains:
            rules = self.timers(stage_id)
            attempts = sorted(
                (rule for rule in rules if rule.action == RuleAction.RE_ENGAGE),
                key=lambda rule: (rule.days, rule.pk),
            )
            archive = next((rule for rule in rules if rule.action == RuleAction.ARCHIVE), None)
            others = [rule for rule in rules if rule.action not in (RuleAction.RE_ENGAGE, RuleAction.ARCHIVE)]
            self._chains[stage_id] = attempts, archive, others
        return self._chains[stage_id]


def process_of(pipeline):
    """The process a pipeline's deals obey now. The pipeline must have been published."""
    version = pipeline.version
    if version.token in _cache:
        _cache.move_to_end(version.token)
        return _cache[version.token]
    process = _cache[version.token] = _read(version)
    while len(_cache) > _CACHE_SIZE:
        _cache.popitem(last=False)
    return process


def process_known(token, pipeline_id):
    """The same by the token of the version in force, for rows that carry no more than that."""
    if token in _cache:
        _cache.move_to_end(token)
        return _cache[token]
    return process_of(with_version(pipeline_id))


def with_version(pipeline_id):
    """The pipeline as it is now, with its version in force. Pipeline.DoesNotExist where there is none."""
    if pipeline := _pipeline.first(pipeline_id):
        return pipeline
    raise Pipeline.DoesNotExist


_pipeline = Prepared(lambda pk: Pipeline.objects.select_related("version").filter(pk=pk).order_by(), 0)


def _read(version):
    names_of(version)  # known from now on, too: history of this version asks for them
    current = {"version__pipeline": version.pipeline_id, "valid_until__isnull": True}
    stages = StageDefinition.objects.filter(**current).select_related("owner_role").order_by("position")
    criteria = CriterionDefinition.objects.filter(**current).order_by("position", "criterion_id")
    rules = RuleDefinition.objects.filter(**current).select_related("person", "endpoint").order_by("days")
    return Process(version, stages, criteria, rules)
