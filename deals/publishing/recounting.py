"""The stored counts after a publication: what its changed criteria add to them is read before and after, and each deal
for which that differs is written once.

What was is read while answers are still judged by the old process, what is after they are judged by the new one. Both
use the terms that counting from nothing adds up (counts.Terms), so nothing can come out differently.
"""

from django.db.models import BooleanField, Case, DateField, F, IntegerField, Value, When
from django.db.models.functions import Greatest

from .. import counts
from ..evidence import sparing
from ..models import Deal
from ..rows import computed
from ..rows.among import Among, AmongGrouped, AmongMany

# Beyond so many changed terms, counting a stage from nothing is cheaper.
FEW = 8
_NUMBERS = ("open_before", "held_here", "claimed_here", "total_here")
_LAPSING = ("holds_until", "stands_until")
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
        """Read what the old process counted and the new one does not, or not so: [(four numbers, deals)]."""
        spared = sparing.exemptions(self.changes.old, self.today)
        gone = {pk: self.changes.gone(pk) for pk in self.shifted}
        if terms := _terms(gone, self.today, spared):
            self.were = computed.grouped(self._deals(self.shifted), _in_order(terms), nothing=0)

    def add(self, moved):
        """Write what the new process counts and the old one did not, or not so; and what else is stored of a stage.

        Deals of these ids came into their stage with the publication: they are counted from nothing, with those of
        their stage where it is counted so, otherwise apart.
        """
        for stage_id in self.anew:
            computed.write(self._deals([stage_id]), self._expressions(stage_id))
        if self.shifted:
            computed.write(self._stayed(self.shifted, moved), self._shifted())
        for stage_id in set(self.few) - set(self.shifted):
            self._follow(stage_id, moved)
        if moved:
            apart = Deal.objects.filter(Among("pk", moved)).exclude(stage_id__in=self.anew)
            counts.recount(self.changes.new, self.today, apart)

    def _deals(self, stages):
        return Deal.objects.made().live().filter(stage_id__in=stages).order_by()

    def _stayed(self, stages, moved):
        deals = self._deals(stages)
        return deals.exclude(AmongMany("pk", moved)) if moved else deals

    def _shifted(self):
        """{column: expression} over deals of stages that few terms changed for, from what was counted before."""
        spared = sparing.exemptions(self.changes.new, self.today)
        come = _in_order(_terms({pk: self.changes.come(pk) for pk in self.shifted}, self.today, spared))
        # Never below nothing: a count that was wrong before stays for the nightly check to name, and stops nobody.
        numbers = {
            name: Greatest(F(name) - self._were(place) + come[name], Value(0))
            for place, name in enumerate(_NUMBERS)
        }
        of_stage = {name: self._own(name, field) for name, field in _OF_STAGE.items()}
        return {**numbers, **self._lapsing(), **of_stage}

    def _were(self, place):
        """How much of one number is taken away."""
        taken = [(values[place], ids) for values, ids in self.were if values[place]]
        whens = [When(AmongGrouped("pk", ids), then=Value(number)) for number, ids in taken]
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

    def _expressions(self, stage_id):
        return counts.expressions(self.changes.new, self.changes.new.stage(stage_id), self.today)

    def _lapsing(self):
        """Expressions for the days on which something lapses, where the publication may have moved them."""
        moved = {pk: self._expressions(pk) for pk in self.shifted if self._lapses_otherwise(pk)}
        return {name: _by_stage(moved, name) for name in _LAPSING} if moved else {}

    def _lapses_otherwise(self, stage_id):
        moved = [self.changes.gone(stage_id), self.changes.come(stage_id)]
        kept = sparing.criteria(self.changes.old)  # an answer that was kept may have an end of its own
        return any(
            d.expires_after_days or d.criterion_id in kept or d.future or d.kind == "next_step"
            for sides in moved
            for d in sides.before + sides.here
        )


def _terms(moved, today, spared):
    """{column: expression} of {stage id: Sides}, without columns that nothing is added to.

    One statement for deals of all stages, each criterion asked once for all that it bears on: the answers to one
    criterion lie all over the table, and every statement would read all of it.
    """
    found = {}
    for definition, stages in _each(moved, "before"):
        term = counts.Terms(definition, today, spared)
        _add(found, "open_before", term.open_before(), stages)
    for definition, stages in _each(moved, "here"):
        term = counts.Terms(definition, today, spared)
        for column in ("held_here", "claimed_here", "total_here"):
            _add(found, column, getattr(term, column)(), stages)
    return found


def _each(moved, side):
    """(definition, ids of the stages it bears on so)."""
    definitions, stages = {}, {}
    for stage_id, sides in moved.items():
        for definition in getattr(sides, side):
            definitions[definition.criterion_id] = definition
            stages.setdefault(definition.criterion_id, []).append(stage_id)
    return [(definition, stages[pk]) for pk, definition in definitions.items()]


def _in_order(terms):
    """{number: expression} of all four."""
    nothing = Value(0, output_field=IntegerField())
    return {column: terms.get(column, nothing) for column in _NUMBERS}


def _by_stage(moved, name):
    """The day as each of these stages has it; deals of others keep theirs."""
    whens = [When(stage_id=pk, then=found[name]) for pk, found in moved.items()]
    return Case(*whens, default=F(name), output_field=DateField())


def _add(found, column, term, stages):
    term = Case(When(stage_id__in=stages, then=term), default=Value(0), output_field=IntegerField())
    found[column] = found[column] + term if column in found else term
