"""Whether a criterion of a draft would hold for deals, before anything is judged by it."""

from functools import cached_property

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.db.models.lookups import Exact

from pipeline.vocabulary import FACT_KINDS

from .. import counts
from ..evidence import agreement_facts, facts, measures, sparing, verdicts
from ..evidence.judging import House, judge
from ..gate import needs_answer
from ..models import Answer, Contradiction
from ..rows.among import Among
from ..tightening.binding import spares

_CHUNK = 500


class Foresight:
    """Conditions over deals, by the definitions of the new process and under the binding that is chosen."""

    def __init__(self, changes, binding, today):
        self.changes, self.binding, self.today = changes, binding, today
        self.house = House.current()
        rebound = changes.rebound
        known = sparing.exemptions(changes.old, today)
        self.spared = {pk: condition for pk, condition in known.items() if pk not in rebound}

    def is_left_alone(self, definition):
        """Whether deals that stand beyond it keep what they have."""
        value = self.binding.get(definition.criterion_id)
        return value is not None and spares(value, self.today)

    def lacks(self, definition, deals, *, is_held=False):
        """Condition: it is asked of the deal and does not hold. `deals` is where the condition is used.

        `is_held`: these deals hold it as it is asked now, so that only what differs has to be looked at.
        """
        holds = self._holds(definition, deals, is_held)
        whose = counts.asked(definition, self.spared)
        if whose is None and not isinstance(holds, Q):
            return Q(~holds)
        lacking = Case(When(holds, then=Value(0)), default=Value(1), output_field=IntegerField())
        if whose is not None:
            lacking = Case(When(whose, then=lacking), default=Value(0), output_field=IntegerField())
        return Q(Exact(lacking, 1))

    def _holds(self, definition, deals, is_held):
        condition = Q()
        if definition.criterion_id in self._contested:
            condition &= ~agreement_facts.contested(definition)
        if definition.kind in FACT_KINDS:
            condition &= facts.expression(definition, self.today)
        if needs_answer(definition):
            condition &= Q(Exists(self._opening(definition, deals, is_held)))
        return condition

    def _opening(self, definition, deals, is_held):
        """Answers of the deal a query is about that will open the criterion and not have lapsed."""
        answers = Answer.objects.current().filter(criterion=definition.criterion_id)
        before = self.changes.old.by_criterion.get(definition.criterion_id)
        passed = verdicts.known_passed(before, self.house) if before else frozenset()
        is_open = bool(is_held and before)
        good = verdicts.opening(definition, self.house, self.today, passed, is_open=is_open)
        if good is None:
            return self._one_by_one(answers, definition, deals).filter(deal=OuterRef("pk"))
        condition, unread = good
        if is_open:
            unread = [check for check in unread if check.key not in passed]
        condition = self._with_kept(condition, definition)
        opening = answers.filter(condition, deal=OuterRef("pk"))
        if unread and self._texts_wait:
            unknown = Q(*((f"{check.measure}__isnull", True) for check in unread), _connector=Q.OR)
            candidates = sparing.judged_anew(answers.filter(measures.UNREAD)).filter(
                condition, unknown, deal__in=deals.order_by().values("pk")
            )
            opening = opening.exclude(Among("pk", self._flawed(candidates, definition, passed)))
        return opening

    @cached_property
    def _contested(self):
        """Ids of the criteria of which any answer is contested: few, so that of the others no deal is asked."""
        return set(
            Contradiction.objects.standing().order_by().values_list("criterion_id", flat=True).distinct()
        )

    @cached_property
    def _texts_wait(self):
        """Whether any text is left to read: rarely, so that it is not asked for every criterion."""
        return Answer.objects.current().filter(measures.UNREAD).exists()

    def _with_kept(self, condition, definition):
        """Answers whose older judgement stands open as stored."""
        if definition.criterion_id not in self.spared:
            return condition
        lasting = Q(holds_until__isnull=True) | Q(holds_until__gte=self.today)
        return (Q(sparing.is_kept(), opens=True) & lasting) | (Q(~sparing.is_kept()) & condition)

    def _flawed(self, answers, definition, passed):
        found = verdicts.verdicts(answers, definition, self.house, passed)
        return [verdict.pk for verdict in found if not verdict.now[0]]

    def _one_by_one(self, answers, definition, deals):
        """For a kind that has no expression."""
        found = answers.filter(deal__in=deals.order_by().values("pk"))
        found = found.select_related("activity", "contact", "person").iterator(chunk_size=_CHUNK)
        good = [answer.pk for answer in found if self._opens(answer, definition)]
        return answers.filter(Among("pk", good))

    def _opens(self, answer, definition):
        verdict = judge(answer, definition, self.house)
        return verdict.opens and (verdict.holds_until is None or verdict.holds_until >= self.today)
