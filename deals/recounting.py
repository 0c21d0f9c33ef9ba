"""The stored counts after a publication: only what its changed criteria add to them is taken away and added anew.

Taking away happens while answers are still judged by the old process, adding after they are judged by the new one.
Both use the terms that counting from nothing adds up (counts.Terms), so nothing can come out differently.
"""

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.db.models.lookups import GreaterThan

from . import counts, sparing
from .models import Deal

# Beyond so many changed terms, counting a stage from nothing is cheaper.
FEW = 8
_LAPSING = ("holds_until", "stands_until")


class Recount:
    """One publication's effect on the counts of live deals that keep their stage."""

    def __init__(self, changes, today):
        self.changes, self.today = changes, today
        self.stages = changes.stages()
        self.anew = {pk for pk in self.stages if len(changes.gone(pk)) + len(changes.come(pk)) > FEW}

    def _deals(self, stage_id):
        return Deal.objects.made().live().filter(stage_id=stage_id)

    def take_away(self):
        """What the old process counted and the new one does not, or not so."""
        spared = sparing.exemptions(self.changes.old, self.today)
        for stage_id in self.stages:
            if stage_id not in self.anew:
                self._shift(stage_id, self.changes.gone(stage_id), spared, sign=-1)

    def add(self):
        """What the new process counts and the old one did not, or not so; and what else is stored of a stage."""
        spared = sparing.exemptions(self.changes.new, self.today)
        for stage_id in self.stages:
            if stage_id in self.anew:
                self._from_nothing(stage_id, counts.COLUMNS)
                continue
            self._shift(stage_id, self.changes.come(stage_id), spared, sign=1)
            self._follow_stage(stage_id)
            if self._lapses_otherwise(stage_id):
                self._from_nothing(stage_id, _LAPSING)

    def _shift(self, stage_id, sides, spared, sign):
        """One statement; deals to which none of it applies are not written."""
        terms = _terms(sides, self.today, spared)
        if not terms:
            return
        whole = sum(terms.values(), start=next(iter(terms.values())) * 0)
        # Never below nothing: a count that was wrong before stays for the nightly check to name, and stops nobody.
        values = {column: Greatest(F(column) + term * sign, Value(0)) for column, term in terms.items()}
        self._deals(stage_id).filter(GreaterThan(whole, 0)).update(**values)

    def _follow_stage(self, stage_id):
        stage = self.changes.new.stage(stage_id)
        columns = {"counts_as_pipeline": stage.counts_as_pipeline, "probability": stage.probability}
        self._deals(stage_id).exclude(**columns).update(**columns)

    def _lapses_otherwise(self, stage_id):
        moved = [self.changes.gone(stage_id), self.changes.come(stage_id)]
        kept = sparing.criteria(self.changes.old)  # an answer that was kept may have an end of its own
        return any(
            d.expires_after_days or d.criterion_id in kept or d.future or d.kind == "next_step"
            for sides in moved
            for d in sides.before + sides.here
        )

    def _from_nothing(self, stage_id, columns):
        stage = self.changes.new.stage(stage_id)
        found = counts.expressions(self.changes.new, stage, self.today)
        self._deals(stage_id).update(**{column: found[column] for column in columns})


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


def _add(found, column, term):
    found[column] = found[column] + term if column in found else term
