"""What deals lack of the gates before their stage, criterion by criterion, and the deepest stage that they do prove."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.db.models import Case, IntegerField, Value, When

from deals.evidence import sparing
from deals.evidence.facts_query import facts_query
from deals.gate import condition_of, needs_answer
from deals.models import Answer, Contradiction, Spared
from deals.publishing.foresight import Foresight
from deals.rows.among import Among
from deals.rows.gathered import Gathered, numbers
from deals.tightening.changes import Changes
from pipeline import retiring
from pipeline.vocabulary import FACT_KINDS, Kind

CHUNK = 500
# Columns of a deal that are read here; rows that name them may name more.
READ = [
    "pk", "stage_id", "amount", "deal_type", "discount_percent", "next_step", "next_step_on", "exception_until",
]  # fmt: skip
# So many kinds of deals are kept in mind: most deals of a company stand like many others.
KINDS = 20_000


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
    ids, found, judge = list(ids), {}, judge_of(look)
    for start in range(0, len(ids), CHUNK):
        rows = look.live().filter(Among("pk", ids[start : start + CHUNK])).values_list(*READ, named=True)
        found.update(judge.of(rows))
    return found


def judge_of(look):
    """Judges deals of the look that are given as rows of READ."""
    return _DraftJudge(look) if look.is_draft else _Judge(look)


@dataclass(frozen=True)
class _Known:
    """All that judging a deal in a stage rests on. `facts`: (criterion ids, truths); `foreseen`: pairs of them."""

    held: frozenset
    facts: tuple
    foreseen: tuple
    not_asked: frozenset
    contested: frozenset


class _Judge:
    """By the published version: a few statements for all deals, judged as gate.Reading judges one."""

    def __init__(self, look):
        self.look, self.process, self.today = look, look.process, look.lens.today
        self.spared = sparing.exemptions(look.published, self.today)
        self.judged = lru_cache(KINDS)(self._judged)
        self.asked = lru_cache(None)(self._asked)

    def of(self, deals):
        """{deal id: Lacks}"""
        by_stage, found = defaultdict(list), {}
        for deal in deals:
            by_stage[deal.stage_id].append(deal)
        self._read([deal.pk for those in by_stage.values() for deal in those], by_stage)
        for stage_id, those in by_stage.items():
            found.update(self._of_stage(self.stands_in(stage_id), those))
        return found

    def _of_stage(self, stage_id, deals):
        if stage_id not in self.process:
            return {deal.pk: self._lacks((), None, deal) for deal in deals}
        foreseen = self.foreseen(stage_id, [deal.pk for deal in deals])
        return {
            deal.pk: self._lacks(*self.judged(stage_id, self._known(stage_id, deal, foreseen)), deal)
            for deal in deals
        }

    def _lacks(self, criteria, deepest, deal):
        has_step = deal.next_step and deal.next_step_on and deal.next_step_on >= self.look.lens.grace
        return Lacks(criteria, deepest, bool(has_step), deal.exception_until is not None)

    def stands_in(self, stage_id):
        return stage_id

    def foreseen(self, _stage_id, _ids):
        """{deal id: ((criterion id, whether it is open), ...)} of what cannot be read from what is stored."""
        return {}

    def _asked(self, stage_id):
        """[(definition, what it applies to)] of what a deal answers for to stand there."""
        before = self.process.criteria_before(stage_id)
        return [(d, condition_of(d)) for d in before if d.kind != Kind.NEXT_STEP]

    def _read(self, ids, stages):
        """What is known of these deals: answers that hold, facts, what is contested, what is not asked of them."""
        answers = Answer.objects.holding(self.today).filter(Among("deal_id", ids)).order_by()
        rows = answers.values_list("deal_id").annotate(criteria=Gathered("criterion_id"))
        self.held = {deal_id: _numbers(criteria) for deal_id, criteria in rows}
        fitting = {pk: those for pk, those in self._facts.items() if not stages.keys().isdisjoint(those)}
        told = facts_query(self.look.published).told(ids, self.today, fitting) if fitting else {}
        self.facts = {deal_id: (tuple(fitting), row) for deal_id, row in told.items()}
        self.contested, self.let_be = defaultdict(set), defaultdict(set)
        for note in Contradiction.objects.standing().filter(Among("deal_id", ids)).order_by():
            self.contested[note.deal_id].add(note.criterion_id)
        if self.spared:
            rows = Spared.objects.filter(Among("deal_id", ids), keeps_answer=False)
            for row in sparing.standing(rows, self.today):
                self.let_be[row.deal_id].add(row.criterion_id)

    @cached_property
    def _facts(self):
        """{criterion id: ids of the stages whose deals are asked this fact}"""
        found = defaultdict(list)
        for stage in self.look.published.stages:
            to = self.stands_in(stage.stage_id)
            for definition, _condition in self.asked(to) if to in self.process else []:
                if definition.kind in FACT_KINDS:
                    found[definition.criterion_id].append(stage.stage_id)
        return found

    def _known(self, stage_id, deal, foreseen):
        terms = {
            "amount": deal.amount,
            "deal_type": deal.deal_type,
            "discount_percent": deal.discount_percent,
        }
        outside = [
            d.criterion_id
            for d, condition in self.asked(stage_id)
            if condition and not condition.holds(**terms)
        ]
        return _Known(
            self.held.get(deal.pk, _NOTHING),
            self.facts.get(deal.pk, ((), ())),
            foreseen.get(deal.pk, ()),
            frozenset({*outside, *self.let_be.get(deal.pk, ())}),
            frozenset(self.contested.get(deal.pk, ())),
        )

    def _judged(self, stage_id, known):
        """(criteria that are open, deepest stage)"""
        facts, foreseen = dict(zip(*known.facts, strict=True)), dict(known.foreseen)
        without = []
        for definition, _condition in self.asked(stage_id):
            lacks = foreseen.get(definition.criterion_id)
            if self._is_open(definition, known, facts) if lacks is None else lacks:
                without.append(definition)
        return tuple(without), self._deepest(stage_id, {d.criterion_id for d in without})

    def _is_open(self, definition, known, facts):
        pk = definition.criterion_id
        if pk in known.not_asked:
            return False
        if definition.kind in FACT_KINDS and not facts.get(pk):
            return True
        return pk not in known.held if needs_answer(definition) else pk in known.contested

    def _deepest(self, stage_id, without):
        """As gate.Reading.deepest: the last stage before which nothing is open."""
        reached = self.process.entry
        for stage in self.process.stages[1 : self.process.index(stage_id) + 1]:
            before = self.process.criteria_before(stage.stage_id)
            if any(d.criterion_id in without for d in before):
                break
            reached = stage
        return reached


_NOTHING = frozenset()
_numbers = lru_cache(KINDS)(numbers)


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

    def foreseen(self, stage_id, ids):
        """One statement for all criteria that the draft judges otherwise."""
        new = [d for d, _condition in self.asked(stage_id) if self._is_new(d)]
        if not new:
            return {}
        deals, names = self.look.live().filter(Among("pk", ids)), [d.criterion_id for d in new]
        rows = deals.values_list("pk", *(self._term(d, deals) for d in new))
        return {pk: tuple(zip(names, map(bool, flags), strict=True)) for pk, *flags in rows}

    def _term(self, definition, deals):
        lacks = self.foresight.lacks(definition, deals)
        return Case(When(lacks, then=Value(1)), default=Value(0), output_field=IntegerField())
