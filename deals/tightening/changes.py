"""What differs for deals between two processes: which criteria are judged otherwise, asked no more, or asked anew."""

from dataclasses import dataclass
from functools import cached_property

from pipeline.process import Process
from pipeline.vocabulary import Kind

from ..evidence.facts import ANSWERED_BY

# Columns of a definition that judging and facts read; all others are words.
JUDGED_BY = [
    "kind", "needs_buyer", "evidence", "expires_after_days", "applies_when", "minimum", "maximum", "min_length",
    "min_items", "choices", "allow_range", "future", "with_date", "roles", "min_people", "must_include",
    "requires_priority", "activity_kinds", "deal_fields",
]  # fmt: skip


def judged_alike(old, new):
    return all(getattr(old, name) == getattr(new, name) for name in JUDGED_BY)


@dataclass(frozen=True)
class Sides:
    """Definitions that bear on deals of one stage: on what lies behind them, and on what they still have to do."""

    before: tuple
    here: tuple

    def __len__(self):
        return len(self.before) + len(self.here)


def sides(process, stage_id):
    """Everything that deals in this stage are counted by. A next step binds only when a gate is passed."""
    before = [d for d in process.criteria_before(stage_id) if d.kind != Kind.NEXT_STEP]
    return Sides(tuple(before), tuple(process.exit_criteria(stage_id)))


def _behind(process, stage_id):
    return {d.criterion_id for d in process.criteria_before(stage_id)}


@dataclass(frozen=True)
class Changes:
    """From one process to another. `rebound`: criteria that count anew though nothing in them differs."""

    old: Process
    new: Process
    rebound: frozenset = frozenset()

    @cached_property
    def touched(self):
        """Ids of criteria that both ask, and judge otherwise."""
        both = self.old.by_criterion.keys() & self.new.by_criterion.keys()
        found = {
            pk for pk in both if not judged_alike(self.old.by_criterion[pk], self.new.by_criterion[pk])
        } | (both & self.rebound)
        return found | self._resting_on(found)

    def _resting_on(self, found):
        """Facts of a deal that answers to changed criteria stand in for."""
        slugs = {self.new.by_criterion[pk].slug for pk in found}
        facts = {str(fact) for fact, named in ANSWERED_BY.items() if slugs & set(named)}
        return {
            pk
            for pk, definition in self.new.by_criterion.items()
            if pk in self.old.by_criterion and facts & set(definition.deal_field_list)
        }

    def differing(self):
        """Ids of the criteria that count otherwise for any deal: judged otherwise, new, gone, or asked elsewhere.

        One next step stands for another, so that none of them is left out where one differs.
        """
        found = self.touched | (self.old.by_criterion.keys() ^ self.new.by_criterion.keys())
        for stage_id in self.stages():
            found = found | (_behind(self.old, stage_id) ^ _behind(self.new, stage_id))
        known = {**self.old.by_criterion, **self.new.by_criterion}
        steps = {pk for pk, definition in known.items() if definition.kind == Kind.NEXT_STEP}
        return found | steps if found & steps else found

    def gone(self, stage_id, to=None):
        """What counted for deals of this stage (which will stand in `to`) and does not any more, or not so."""
        return self._less(sides(self.old, stage_id), sides(self.new, to or stage_id))

    def come(self, stage_id, was=None):
        """What counts from now on, or otherwise, for deals of this stage (which stood in `was`)."""
        return self._less(sides(self.new, stage_id), sides(self.old, was or stage_id))

    def _less(self, these, those):
        return Sides(self._new_in(these.before, those.before), self._new_in(these.here, those.here))

    def _new_in(self, these, those):
        known = {d.criterion_id for d in those} - self.touched
        return tuple(d for d in these if d.criterion_id not in known)

    def stages(self):
        """Ids of stages that both have."""
        return [stage.stage_id for stage in self.new.stages if stage.stage_id in self.old]
