"""The stored counts after a publication: what its changed criteria add to them is read before and after, and each deal
for which that differs is written once.

What was is read while answers are still judged by the old process, what is after they are judged by the new one. Both
use the terms that counting from nothing adds up (counts.Terms), so nothing can come out differently.
"""

from django.db.models import Case, DateField, F, IntegerField, Value, When

from .. import counts
from ..evidence import sparing
from ..models import Deal
from ..rows.rewriting import rewrite

# Beyond so many changed terms, counting a stage from nothing is cheaper.
FEW = 8
_NUMBERS = ("open_before", "held_here", "claimed_here", "total_here")
_LAPSING = ("holds_until", "stands_until")
_COUNTED = (*_NUMBERS, *_LAPSING)
_OF_STAGE = ("counts_as_pipeline", "probability")
_STORED = (*_COUNTED, *_OF_STAGE)
_NOTHING = (0,) * len(_NUMBERS)
_CHUNK = 5000


class Recount:
    """One publication's effect on the counts of live deals that keep their stage."""

    def __init__(self, changes, today, steps):
        self.changes, self.today, self.steps = changes, today, steps
        self.stages = changes.stages()
        self.anew = {pk for pk in self.stages if len(changes.gone(pk)) + len(changes.come(pk)) > FEW}
        self.few = [pk for pk in self.stages if pk not in self.anew]
        self.shifted = [pk for pk in self.few if changes.gone(pk) or changes.come(pk)]
        self.were = {}

    def take_away(self):
        """Read what the old process counted and the new one does not, or not so."""
        spared = sparing.exemptions(self.changes.old, self.today)
        gone = {pk: self.changes.gone(pk) for pk in self.shifted}
        if terms := _terms(gone, self.today, spared):
            rows = self._read(self.shifted, _in_order(terms))
            self.were = {pk: counted for pk, *counted in rows if any(counted)}
        self._taken(self.stages)

    def add(self):
        """Write what the new process counts and the old one did not, or not so; and what else is stored of a stage."""
        for stage_id in self.anew:
            self._write(self._from_nothing(stage_id))
            self._taken([stage_id])
        spared = sparing.exemptions(self.changes.new, self.today)
        if self.shifted:
            self._write(self._shifted(spared))
            self._taken(self.shifted)
        for stage_id in set(self.few) - set(self.shifted):
            self._follow(stage_id)
            self._taken([stage_id])

    def _taken(self, stages):
        for _stage in stages:
            self.steps.taken()

    def _deals(self, stages):
        return Deal.objects.made().live().filter(stage_id__in=stages).order_by()

    def _read(self, stages, expressions):
        """(id, a value for each expression or name of a column) of the deals of these stages."""
        return self._deals(stages).values_list("pk", *expressions).iterator(chunk_size=_CHUNK)

    def _from_nothing(self, stage_id):
        """(id, what is stored, what should be) of the stage's deals."""
        found, own = self._expressions(stage_id), self._own(stage_id)
        for pk, *values in self._read([stage_id], [*_STORED, *(found[name] for name in _COUNTED)]):
            yield pk, values[: len(_STORED)], [*values[len(_STORED) :], *own]

    def _shifted(self, spared):
        """The same of the deals of stages that few terms changed for, from what was counted before."""
        terms = _terms({pk: self.changes.come(pk) for pk in self.shifted}, self.today, spared)
        own, first, four = {pk: self._own(pk) for pk in self.shifted}, len(_STORED), len(_NUMBERS)
        asked = ["stage_id", *_STORED, *_in_order(terms), *self._lapsing()]
        for pk, stage_id, *values in self._read(self.shifted, asked):
            stored, come, ends = values[:first], values[first : first + four], values[first + four :]
            each = zip(stored, self.were.get(pk, _NOTHING), come, strict=False)
            # Never below nothing: a count that was wrong before stays for the nightly check to name, and stops nobody.
            numbers = [max(had - gone + now, 0) for had, gone, now in each]
            yield pk, stored, [*numbers, *(ends or stored[four : len(_COUNTED)]), *own[stage_id]]

    def _write(self, found):
        """Each deal that differs is written, once."""
        rewrite(Deal, _STORED, [(pk, *should) for pk, stored, should in found if stored != should])

    def _own(self, stage_id):
        stage = self.changes.new.stage(stage_id)
        return [getattr(stage, name) for name in _OF_STAGE]

    def _follow(self, stage_id):
        columns = dict(zip(_OF_STAGE, self._own(stage_id), strict=True))
        self._deals([stage_id]).exclude(**columns).update(**columns)

    def _expressions(self, stage_id):
        return counts.expressions(self.changes.new, self.changes.new.stage(stage_id), self.today)

    def _lapsing(self):
        """Expressions for the days on which something lapses, where the publication may have moved them."""
        moved = {pk: self._expressions(pk) for pk in self.shifted if self._lapses_otherwise(pk)}
        return [_by_stage(moved, name) for name in _LAPSING] if moved else []

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
    """An expression for each of the four numbers."""
    nothing = Value(0, output_field=IntegerField())
    return [terms.get(column, nothing) for column in _NUMBERS]


def _by_stage(moved, name):
    """The day as each of these stages has it; deals of others keep theirs."""
    whens = [When(stage_id=pk, then=found[name]) for pk, found in moved.items()]
    return Case(*whens, default=F(name), output_field=DateField())


def _add(found, column, term, stages):
    term = Case(When(stage_id__in=stages, then=term), default=Value(0), output_field=IntegerField())
    found[column] = found[column] + term if column in found else term
