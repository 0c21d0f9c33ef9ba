"""What deals lack of the gates before their stage, criterion by criterion, and the deepest stage that they do prove."""

from dataclasses import dataclass

from django.db.models import Case, IntegerField, Value, When

from deals import counts, sparing
from deals.among import Among
from deals.changes import Changes
from deals.foresight import Foresight
from deals.models import Answer
from pipeline import retiring
from pipeline.vocabulary import FACT_KINDS, Kind

CHUNK = 2000


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
    """{deal id: Lacks} of these deals: a few statements for each stage they stand in."""
    ids, found = list(ids), {}
    for start in range(0, len(ids), CHUNK):
        found.update(_of_chunk(look, ids[start : start + CHUNK]))
    return found


def _of_chunk(look, ids):
    deals = look.live().filter(Among("pk", ids))
    rows = deals.values_list("pk", "stage_id", "next_step", "next_step_on", "exception_until")
    by_stage, otherwise = {}, {}
    for pk, stage_id, step, day, until in rows:
        by_stage.setdefault(stage_id, []).append(pk)
        otherwise[pk] = (bool(step and day and day >= look.lens.grace), until is not None)
    found = {}
    judge = _DraftJudge(look) if look.is_draft else _Judge(look)
    for stage_id, members in by_stage.items():
        found.update(judge.stage(judge.stands_in(stage_id), members))
    return {pk: Lacks(*open_ones, *otherwise[pk]) for pk, open_ones in found.items()}


class _Judge:
    """By the published version: with the terms that the stored counts are added up from."""

    def __init__(self, look):
        self.look, self.process, self.today = look, look.process, look.lens.today
        self.spared = sparing.exemptions(look.published, self.today)

    def stands_in(self, stage_id):
        return stage_id

    def stage(self, stage_id, ids):
        """{deal id: (criteria that are open, deepest stage)} of deals that stand here."""
        if stage_id not in self.process:
            return dict.fromkeys(ids, ((), None))
        asked = [d for d in self.process.criteria_before(stage_id) if d.kind != Kind.NEXT_STEP]
        plain = [d for d in asked if self.is_plain(d)]
        rest = [d for d in asked if not self.is_plain(d)]
        held = self._held(plain, ids)
        deals = self.look.live().filter(Among("pk", ids))
        flags = (
            deals.values_list("pk", *(self.term(d, deals) for d in rest)) if rest else ((pk,) for pk in ids)
        )
        found = {}
        for pk, *lacking in flags:
            without = {d.criterion_id for d, one in zip(rest, lacking, strict=True) if one}
            without |= {d.criterion_id for d in plain if (pk, d.criterion_id) not in held}
            found[pk] = (
                tuple(d for d in asked if d.criterion_id in without),
                self._deepest(stage_id, without),
            )
        return found

    def is_plain(self, definition):
        """Whether an answer is all it rests on."""
        return definition.kind not in FACT_KINDS and counts.asked(definition, self.spared) is None

    def _held(self, plain, ids):
        """{(deal id, criterion id)} of answers that hold: one statement for all plain criteria."""
        if not plain:
            return set()
        answers = Answer.objects.holding(self.today).filter(Among("deal_id", ids))
        answers = answers.filter(criterion__in=[d.criterion_id for d in plain]).order_by()
        return set(answers.values_list("deal_id", "criterion_id"))

    def term(self, definition, _deals):
        """1 where the criterion is asked and does not hold."""
        return counts.Terms(definition, self.today, self.spared).open_before()

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

    def is_plain(self, definition):
        return not self._is_new(definition) and super().is_plain(definition)

    def term(self, definition, deals):
        if not self._is_new(definition):
            return super().term(definition, deals)
        lacks = self.foresight.lacks(definition, deals)
        return Case(When(lacks, then=Value(1)), default=Value(0), output_field=IntegerField())
