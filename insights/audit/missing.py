"""What deals lack of the gates before their stage, criterion by criterion, and the deepest stage that they do prove."""

from dataclasses import dataclass

from django.db.models import Case, IntegerField, Value, When

from deals.evidence import sparing
from deals.evidence.facts_query import CONTESTED, facts_query
from deals.gate import applies, needs_answer
from deals.models import Answer, Contradiction, Spared
from deals.publishing.foresight import Foresight
from deals.rows.among import Among
from deals.tightening.changes import Changes
from pipeline import retiring
from pipeline.vocabulary import FACT_KINDS, Kind

CHUNK = 500


@dataclass(frozen=True)
class Lacks:
    """`criteria`: definitions that do not hold, in their order; `deepest`: where the deal may stand (a StageDefinition
    of the process it is held against; None where its stage is not one of it)."""

    criteria: tuple
    deepest: object
    has_step: bool
    has_exception: bool

    def __bool__(self):
        return bool(self.criteria) or not self.has_step or self.has_exception


def of(look, ids):
    """{deal id: Lacks} of these deals: a few statements for each 500 of them."""
    ids, found = list(ids), {}
    for start in range(0, len(ids), CHUNK):
        found.update(_of_chunk(look, ids[start : start + CHUNK]))
    return found


def _of_chunk(look, ids):
    deals = list(look.live().filter(Among("pk", ids)))
    by_stage, otherwise = {}, {}
    for deal in deals:
        by_stage.setdefault(deal.stage_id, []).append(deal.pk)
        has_step = deal.next_step and deal.next_step_on and deal.next_step_on >= look.lens.grace
        otherwise[deal.pk] = (bool(has_step), deal.exception_until is not None)
    found = {}
    judge = _DraftJudge(look) if look.is_draft else _Judge(look)
    judge.read(deals)
    for stage_id, members in by_stage.items():
        found.update(judge.stage(judge.stands_in(stage_id), members))
    return {pk: Lacks(*open_ones, *otherwise[pk]) for pk, open_ones in found.items()}


class _Judge:
    """By the published version: a few statements for all deals, judged as gate.Reading judges one."""

    def __init__(self, look):
        self.look, self.process, self.today = look, look.process, look.lens.today
        self.spared = sparing.exemptions(look.published, self.today)

    def stands_in(self, stage_id):
        return stage_id

    def read(self, deals):
        """What is known of these deals: answers that hold, facts, what is contested, what is not asked of them."""
        ids = [deal.pk for deal in deals]
        self.deals = {deal.pk: deal for deal in deals}
        answers = Answer.objects.holding(self.today).filter(Among("deal_id", ids)).order_by()
        self.held = set(answers.values_list("deal_id", "criterion_id"))
        self.facts = facts_query(self.look.published).of(dict.fromkeys(ids, self.today))
        against = [pk for pk in ids if self.facts[pk].get(CONTESTED)]
        notes = Contradiction.objects.standing().filter(deal__in=against).order_by() if against else []
        self.contested = {(note.deal_id, note.criterion_id) for note in notes}
        rows = sparing.standing(Spared.objects.filter(Among("deal_id", ids), keeps_answer=False), self.today)
        self.let_be = set(rows.values_list("deal_id", "criterion_id")) if self.spared else set()

    def stage(self, stage_id, ids):
        """{deal id: (criteria that are open, deepest stage)} of deals that stand here."""
        if stage_id not in self.process:
            return dict.fromkeys(ids, ((), None))
        asked = [d for d in self.process.criteria_before(stage_id) if d.kind != Kind.NEXT_STEP]
        foreseen = self.foreseen(asked, ids)
        found = {}
        for pk in ids:
            without = tuple(d for d in asked if foreseen.get((pk, d.criterion_id), self._lacks(d, pk)))
            found[pk] = (without, self._deepest(stage_id, {d.criterion_id for d in without}))
        return found

    def foreseen(self, _asked, _ids):
        """{(deal id, criterion id): whether it is open} of what cannot be read from what is stored."""
        return {}

    def _lacks(self, definition, pk):
        key = (pk, definition.criterion_id)
        if key in self.let_be or not applies(definition, self.deals[pk]):
            return False
        if definition.kind in FACT_KINDS and not self.facts[pk].get(definition.criterion_id, False):
            return True
        return key not in self.held if needs_answer(definition) else key in self.contested

    def _deepest(self, stage_id, without):
        """As gate.Reading.deepest: the last stage before which nothing is open."""
        reached = self.process.entry
        for stage in self.process.stages[1 : self.process.index(stage_id) + 1]:
            before = self.process.criteria_before(stage.stage_id)
            if any(d.criterion_id in without for d in before):
                break
            reached = stage
        return reached


class _DraftJudge(_Judge):
    """By the draft: what the publish page would say, which reads answers as they will be judged."""

    def __init__(self, look):
        super().__init__(look)
        changes = Changes(look.published, look.process)
        self.changes, self.foresight = changes, Foresight(changes, {}, self.today)
        surgery = retiring.surgery_of(look.published.version.pipeline)
        self.leads_to = {stage.pk: to.pk for stage, to, _held in surgery if to is not None}

    def stands_in(self, stage_id):
        return self.leads_to.get(stage_id, stage_id)

    def _is_new(self, definition):
        known = self.look.published.by_criterion
        return definition.criterion_id not in known or definition.criterion_id in self.changes.touched

    def foreseen(self, asked, ids):
        """One statement for all criteria that the draft judges otherwise."""
        new = [d for d in asked if self._is_new(d)]
        if not new:
            return {}
        deals = self.look.live().filter(Among("pk", ids))
        rows = deals.values_list("pk", *(self._term(d, deals) for d in new))
        return {
            (pk, d.criterion_id): bool(one) for pk, *flags in rows for d, one in zip(new, flags, strict=True)
        }

    def _term(self, definition, deals):
        lacks = self.foresight.lacks(definition, deals)
        return Case(When(lacks, then=Value(1)), default=Value(0), output_field=IntegerField())
