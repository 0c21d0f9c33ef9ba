"""A deal whose gate is not met, and the people an exception takes."""

from deals import moves
from deals.asking import exceptions
from deals.models import Transition
from pipeline.process import process_of

from . import factories as f

WHY = "The works council votes next week, and the plant cannot wait for it."


class Case:
    """`deal` stands in Discover with its gate open on `summary`; Tom acts on it, Ruth manages the team."""

    def __init__(self, **fields):
        self.tom, self.ruth = f.make_user("Tom Averell"), f.make_manager()
        self.pipeline = f.make_pipeline()
        self.process = process_of(self.pipeline)
        deal = f.make_deal(self.pipeline, self.tom, "Discover", name="Corvendale Ceramics: kilns", **fields)
        self.deal = f.next_step(deal)
        self.propose, self.close = self.stage("Propose"), self.stage("Close")
        self.summary = f.criterion_of(self.pipeline, "summary").pk

    def stage(self, name):
        return f.stage_of(self.pipeline, name).pk

    def fresh(self):
        return f.fresh(self.deal)

    def ask(self, *, by=None, to=None, reason=WHY, deal=None, **fields):
        deal = f.fresh(deal or self.deal)
        fields.setdefault("seen_seq", deal.seq)
        return exceptions.ask(
            deal.pk, to=self.propose if to is None else to, by=by or self.tom, reason=reason, **fields
        )

    def grant(self, exception=None, *, by=None, **fields):
        return moves.grant((exception or self.ask()).pk, by=by or self.ruth, **fields)

    def row(self):
        """The deal's newest ledger row."""
        return Transition.objects.filter(deal=self.deal).latest("seq")

    def answer(self, slug="summary", deal=None):
        definition = self.process.by_criterion[f.criterion_of(self.pipeline, slug).pk]
        f.satisfy(deal or self.fresh(), definition)

    def ready_for_close(self):
        """Everything Propose asks is answered."""
        for slug in ("review", "next_step"):
            self.answer(slug)

    def advance(self, to=None, **fields):
        deal = self.fresh()
        return moves.advance(deal.pk, to=to or self.close, seen_seq=deal.seq, by=self.tom, **fields)
