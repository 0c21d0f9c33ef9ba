"""A process with one gate, and what it takes to ask it."""

from deals import moves
from deals.answers import Given, save
from deals.gate import Reading
from deals.models import GateRefusal
from pipeline.models import Pipeline
from pipeline.process import process_of
from pipeline.publishing import publish

from .. import factories as f
from .world import refused


class Gate:
    """Stage A asks one criterion, B nothing. `deal` stands in A."""

    def __init__(self, kind, **columns):
        deal_fields = {name: columns.pop(name) for name in ("amount", "deal_type") if name in columns}
        self.rep = f.make_user()
        self.pipeline = f.make_pipeline(stages={"A": [("it", kind, columns)], "B": []})
        self.deal = f.make_deal(self.pipeline, owner=self.rep, **deal_fields)
        self.there = f.stage_of(self.pipeline, "B").pk

    @property
    def process(self):
        return process_of(Pipeline.objects.get(pk=self.pipeline.pk))

    @property
    def definition(self):
        return self.process.criteria_of_all()[0]

    def given(self, **parts):
        return Given(self.definition.criterion_id, **parts)

    def good(self):
        return f.good_answer(self.deal, self.definition)

    def answer(self, item=None, **parts):
        save(self.deal.pk, [item or self.given(**parts)], by=self.rep)

    def said(self, **parts):
        """A good answer but for the parts given."""
        item = self.good()
        for name, value in parts.items():
            setattr(item, name, value)
        self.answer(item)

    def finding(self, today=None):
        deal = f.fresh(self.deal)
        return Reading(deal, self.process, today or f.today()).finding(self.definition, at_gate=True)

    def try_to_pass(self, **options):
        deal = f.fresh(self.deal)
        return moves.advance(deal.pk, to=self.there, seen_seq=deal.seq, by=self.rep, **options)

    def change(self, **columns):
        """Publish the criterion with other columns."""
        criterion = f.criterion_of(self.pipeline, "it")
        for name, value in columns.items():
            setattr(criterion, name, value)
        criterion.save()
        publish(self.pipeline, by=self.pipeline.process_owner)


def refuse(gate, **options):
    """The gate refuses; nothing has changed but that the refusal is on record."""
    recorded = GateRefusal.objects.count()
    with refused(moves.GateClosed) as caught:
        gate.try_to_pass(**options)
    # Recorded after the move rolled back, within the test's own transaction.
    assert GateRefusal.objects.count() in (recorded, recorded + 1)
    return caught.value
