"""The stored counts after a publication: what its changed criteria add to them is read before and after, and each deal
for which that differs is written once.

What was is read while answers are still judged by the old process, what is after they are judged by the new one. Both
use the terms that counting from nothing adds up (counts.Terms), so nothing can come out differently.
"""

from django.db.models import IntegerField, Value

from . import counts, sparing
from .models import Deal
from .rewriting import rewrite

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
        self.were = {}

    def take_away(self):
        """Read what the old process counted and the new one does not, or not so."""
        spared = sparing.exemptions(self.changes.old, self.today)
        for stage_id in self.stages:
            terms = {} if stage_id in self.anew else _terms(self.changes.gone(stage_id), self.today, spared)
            if terms:
                rows = self._read(stage_id, _in_order(terms))
                self.were[stage_id] = {pk: counted for pk, *counted in rows if any(counted)}
            self.steps.taken()

    def add(self):
        """Write what the new process counts and the old one did not, or not so; and what else is stored of a stage."""
        spared = sparing.exemptions(self.changes.new, self.today)
        for stage_id in self.stages:
            self._add(self.changes.new.stage(stage_id), spared)
            self.steps.taken()

    def _add(self, stage, spared):
        if stage.stage_id in self.anew:
            self._write(stage, self._from_nothing(stage))
            return
        terms, lapsing = _terms(self.changes.come(stage.stage_id), self.today, spared), self._lapsing(stage)
        if terms or lapsing or stage.stage_id in self.were:
            self._write(stage, self._shifted(stage.stage_id, terms, lapsing))
        else:
            self._follow(stage)

    def _deals(self, stage_id):
        return Deal.objects.made().live().filter(stage_id=stage_id).order_by()

    def _read(self, stage_id, expressions):
        """(id, a value for each expression or name of a column) of the stage's deals."""
        return self._deals(stage_id).values_list("pk", *expressions).iterator(chunk_size=_CHUNK)

    def _from_nothing(self, stage):
        """(id, what is stored, what should be) of the stage's deals."""
        found = counts.expressions(self.changes.new, stage, self.today)
        for pk, *values in self._read(stage.stage_id, [*_STORED, *(found[name] for name in _COUNTED)]):
            yield pk, values[: len(_STORED)], values[len(_STORED) :]

    def _shifted(self, stage_id, terms, lapsing):
        """The same, from what was counted before."""
        were, four = self.were.pop(stage_id, {}), len(_NUMBERS)
        for pk, *values in self._read(stage_id, [*_STORED, *_in_order(terms), *lapsing]):
            stored, come, ends = (
                values[: len(_STORED)],
                values[len(_STORED) :][:four],
                values[len(_STORED) + four :],
            )
            each = zip(stored[:four], were.get(pk, _NOTHING), come, strict=True)
            # Never below nothing: a count that was wrong before stays for the nightly check to name, and stops nobody.
            numbers = [max(had - gone + now, 0) for had, gone, now in each]
            yield pk, stored, [*numbers, *(ends or stored[four : len(_COUNTED)])]

    def _write(self, stage, found):
        """Each deal that differs is written, once."""
        own = [getattr(stage, name) for name in _OF_STAGE]
        rows = [(pk, *should, *own) for pk, stored, should in found if stored != [*should, *own]]
        rewrite(Deal, _STORED, rows)

    def _follow(self, stage):
        columns = {name: getattr(stage, name) for name in _OF_STAGE}
        self._deals(stage.stage_id).exclude(**columns).update(**columns)

    def _lapsing(self, stage):
        """Expressions for the days on which something lapses, where the publication may have moved them."""
        if not self._lapses_otherwise(stage.stage_id):
            return []
        found = counts.expressions(self.changes.new, stage, self.today)
        return [found[name] for name in _LAPSING]

    def _lapses_otherwise(self, stage_id):
        moved = [self.changes.gone(stage_id), self.changes.come(stage_id)]
        kept = sparing.criteria(self.changes.old)  # an answer that was kept may have an end of its own
        return any(
            d.expires_after_days or d.criterion_id in kept or d.future or d.kind == "next_step"
            for sides in moved
            for d in sides.before + sides.here
        )


def _terms(sides, today, spared):
    """{column: expression}, without columns that nothing is added to."""
    found = {}
    for definition in sides.before:
        term = counts.Terms(definition, today, spared)
        _add(found, "open_before", term.open_before())
    for definition in sides.here:
        term = counts.Terms(definition, today, spared)
        for column in ("held_here", "claimed_here", "total_here"):
            _add(found, column, getattr(term, column)())
    return found


def _in_order(terms):
    """An expression for each of the four numbers."""
    nothing = Value(0, output_field=IntegerField())
    return [terms.get(column, nothing) for column in _NUMBERS]


def _add(found, column, term):
    found[column] = found[column] + term if column in found else term
