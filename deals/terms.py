"""What one criterion adds to the counts of each deal; counts.expressions has the sums of them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, IntegerField, Q, Value, When

from pipeline.models import CriterionDefinition

from .counts import asked, claimed, holds, when
from .gate import needs_answer

# The four counts as digits of one number, for what is asked once and bears on all of them.
BASE = 100
PLACES = {"open_before": 1, "held_here": BASE, "claimed_here": BASE**2, "total_here": BASE**3}
_OPEN, _TOTAL = PLACES["open_before"], PLACES["total_here"]
_HELD, _CLAIMED = _TOTAL + PLACES["held_here"], _TOTAL + PLACES["claimed_here"]


@dataclass(frozen=True)
class Terms:
    """One criterion's, one by one or all at once."""

    definition: CriterionDefinition
    today: date
    spared: dict

    def open_before(self):
        return when(self.definition, holds(self.definition, self.today), self.spared, negate=True)

    def held_here(self):
        return when(self.definition, holds(self.definition, self.today, at_gate=True), self.spared)

    def total_here(self):
        return when(self.definition, Q(), self.spared)

    def digits(self, before, here):
        """All four (PLACES) over deals of these stages: those that it lies behind, and those whose gate asks it."""
        if self.definition.future:  # at the gate it holds in another way
            return self._digits(before, [], at_gate=False) + self._digits([], here, at_gate=True)
        return self._digits(before, here, at_gate=False)

    def _digits(self, before, here, at_gate):
        """What no stage asks is looked up for none; whether it holds is looked up once, for both."""
        if not before and not here:
            return Value(0)
        held = Case(When(stage_id__in=here, then=Value(_HELD)), default=Value(0))
        whens = [When(holds(self.definition, self.today, at_gate), then=held)]
        whens.append(When(stage_id__in=before, then=Value(_OPEN)))
        if here and needs_answer(self.definition):
            whens.append(When(claimed(self.definition, self.today), then=Value(_CLAIMED)))
        found = Case(*whens, default=Value(_TOTAL), output_field=IntegerField())
        if (whose := asked(self.definition, self.spared)) is not None:
            found = Case(When(whose, then=found), default=Value(0), output_field=IntegerField())
        there = When(stage_id__in=[*before, *here], then=found)
        return Case(there, default=Value(0), output_field=IntegerField())
