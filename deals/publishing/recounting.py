"""The stored counts after a publication: what its changed criteria add to them is read before and after, and each deal
for which that differs is written once.

What was is read while answers are still judged by the old process, what is after they are judged by the new one. Both
use the terms that counting from nothing adds up (terms.Terms), so nothing can come out differently.
"""

from django.db.models import BooleanField, Case, DateField, F, IntegerField, Value, When

from .. import counts
from ..evidence import sparing
from ..models import Deal
from ..rows import computed
from ..rows.among import Among, AmongGrouped, AmongMany
from ..terms import BASE, PLACES, Terms

# Beyond so many changed terms, counting a stage from nothing is cheaper.
FEW = 8
# What is stored of a deal, from what it was and what is given of it. Never below nothing: a count that was wrong before
# stays for the nightly check to name, and stops nobody.
_NUMBER = "{was} + given.come / {place} %% {base} - given.gone / {place} %% {base}"
_NUMBERS = {
    name: "CASE WHEN {0} < 0 THEN 0 ELSE {0} END".format(
        _NUMBER.format(was=f"{Deal._meta.db_table}.{name}", place=place, base=BASE)
    )
    for name, place in PLACES.items()
}
_LAPSING = {
    "holds_until": "given.behind",
    "stands_until": "CASE WHEN given.behind IS NULL OR given.here < given.behind THEN given.here ELSE given.behind END",
}
_OF_STAGE = {"counts_as_pipeline": BooleanField(), "probability": IntegerField()}


class Recount:
    """One publication's effect on the counts of live deals that keep their stage."""

    def __init__(self, changes, today):
        self.changes, self.today = changes, today
        self.stages = changes.stages()
        self.anew = {pk for pk in self.stages if len(changes.gone(pk)) + len(changes.come(pk)) > FEW}
        self.few = [pk for pk in self.stages if pk not in self.anew]
        self.shifted = [pk for pk in self.few if changes.gone(pk) or changes.come(pk)]
        self.were = []

    @property
    def is_needed(self):
        return bool(self.anew or self.shifted)

    def take_away(self):
        """Read what the old process counted and the new one does not, or not so: [(all four, deals)]."""
        spared = sparing.exemptions(self.changes.old, self.today)
        if gone := {pk: sides for pk in self.shifted if (sides := self.changes.gone(pk))}:
            terms = {"gone": _digits(gone, self.today, spared)}
            self.were = computed.grouped(self._deals(self.shifted), terms, nothing=0)

    def add(self, moved):
        """Write what the new process counts and the old one did not, or not so; and what else is stored of a stage.

        Deals of these ids came into their stage with the publication: they are counted from nothing, with those of
        their stage where it is counted so, otherwise apart.
        """
        for stage_id in self.anew:
            self._count(self._deals([stage_id]), stage_id)
        if self.shifted:
            computed.write(self._stayed(self.shifted, moved), *self._shifted())
        for stage_id in set(self.few) - set(self.shifted):
            self._follow(stage_id, moved)
        if moved:
            apart = Deal.objects.filter(Among("pk", moved)).exclude(stage_id__in=self.anew)
            for stage_id in set(apart.order_by().values_list("stage_id", flat=True).distinct()):
                self._count(apart.filter(stage_id=stage_id), stage_id)

    def _deals(self, stages):
        return Deal.objects.made().live().filter(stage_id__in=stages).order_by()

    def _stayed(self, stages, moved):
        deals = self._deals(stages)
        return deals.exclude(AmongMany("pk", moved)) if moved else deals

    def _shifted(self):
        """({name: expression}, {column: what is stored of it}) over deals of stages that few terms changed for."""
        spared = sparing.exemptions(self.changes.new, self.today)
        come = {pk: self.changes.come(pk) for pk in self.shifted}
        lapsing = self._lapsing()
        given = {"gone": self._gone(), "come": _digits(come, self.today, spared), **lapsing}
        given |= {name: self._own(name, field) for name, field in _OF_STAGE.items()}
        of_stage = {name: f"given.{name}" for name in _OF_STAGE}
        return given, {**_NUMBERS, **(_LAPSING if lapsing else {}), **of_stage}

    def _gone(self):
        """How much is taken away."""
        whens = [When(AmongGrouped("pk", ids), then=Value(number)) for (number,), ids in self.were]
        return Case(*whens, default=Value(0), output_field=IntegerField())

    def _own(self, name, field):
        """What is stored of the stage a deal stands in."""
        new = self.changes.new
        whens = [When(stage_id=pk, then=Value(getattr(new.stage(pk), name))) for pk in self.shifted]
        return Case(*whens, output_field=field)

    def _follow(self, stage_id, moved):
        stage = self.changes.new.stage(stage_id)
        columns = {name: getattr(stage, name) for name in _OF_STAGE}
        self._stayed([stage_id], moved).exclude(**columns).update(**columns)

    def _count(self, deals, stage_id):
        """Count these deals of a stage from nothing."""
        given = counts.expressions(self.changes.new, self.changes.new.stage(stage_id), self.today)
        stored = {name: _LAPSING.get(name, f"given.{name}") for name in given}
        given = {name: expression for name, expression in given.items() if name not in _LAPSING}
        computed.write(deals, given | self._days([stage_id]), stored)

    def _lapsing(self):
        """The days on which something lapses, where the publication may have moved them."""
        moved = [pk for pk in self.shifted if self._lapses_otherwise(pk)]
        return self._days(moved) if moved else {}

    def _days(self, stages):
        """What lies behind deals of these stages, and what their gate asks: the first day on which any of it lapses."""
        new, today = self.changes.new, self.today
        found = {pk: counts.lapsing(new, new.stage(pk), today) for pk in stages}
        return {
            "behind": _by_stage({pk: behind for pk, (behind, _here) in found.items()}, "holds_until"),
            "here": _by_stage({pk: here for pk, (_behind, here) in found.items()}, "stands_until"),
        }

    def _lapses_otherwise(self, stage_id):
        moved = [self.changes.gone(stage_id), self.changes.come(stage_id)]
        kept = sparing.criteria(self.changes.old)  # an answer that was kept may have an end of its own
        return any(
            d.expires_after_days or d.criterion_id in kept or d.future or d.kind == "next_step"
            for sides in moved
            for d in sides.before + sides.here
        )


def _digits(moved, today, spared):
    """All four counts as digits of one number, of {stage id: Sides}.

    One statement for deals of all stages, each criterion asked once for all that it bears on: the answers to one
    criterion lie all over the table, and every look would read all of it.
    """
    before, here, definitions = {}, {}, {}
    for stage_id, sides in moved.items():
        for stages, side in ((before, sides.before), (here, sides.here)):
            for definition in side:
                definitions[definition.criterion_id] = definition
                stages.setdefault(definition.criterion_id, []).append(stage_id)
    total = Value(0, output_field=IntegerField())
    for pk, definition in definitions.items():
        total = total + Terms(definition, today, spared).digits(before.get(pk, []), here.get(pk, []))
    return total


def _by_stage(moved, name):
    """The day as each of these stages has it; deals of others keep theirs."""
    whens = [When(stage_id=pk, then=day) for pk, day in moved.items()]
    return Case(*whens, default=F(name), output_field=DateField())
