"""The stored counts: how much of a deal holds. For one deal from its reading, for a whole pipeline set-based.

Both use the same expressions (facts.expression, AnswerQuerySet.holding), and a check proves that they agree.
"""

from datetime import date

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least, NullIf

from pipeline.vocabulary import FACT_KINDS, Kind

from .evidence import agreed, agreement_facts, facts, sparing
from .gate import State, condition_of, needs_answer
from .models import Answer, Deal

NEVER = date(9999, 12, 31)
COLUMNS = [
    "open_before", "held_here", "claimed_here", "total_here", "holds_until", "stands_until",
    "counts_as_pipeline", "probability",
]  # fmt: skip


def of_reading(reading):
    """{column: value} for one deal in the stage its reading was made for."""
    before, here = reading.before(), [f for f in reading.here() if f.state != State.EXEMPT]
    stage = reading.process.stage(reading.deal.stage_id)
    holds_until = _first([_lapses(f, reading) for f in before])
    return {
        "open_before": sum(not f.holds for f in before),
        "held_here": sum(f.holds for f in here),
        "claimed_here": sum(f.state == State.CLAIMED for f in here),
        "total_here": len(here),
        "holds_until": holds_until,
        "stands_until": _first([holds_until, *(_stands(f, reading) for f in here)]),
        "counts_as_pipeline": stage.counts_as_pipeline,
        "probability": stage.probability,
    }


def _first(days):
    return min((day for day in days if day is not None), default=None)


def _lapses(finding, reading):
    definition, answer = finding.definition, finding.answer
    if finding.state == State.EXEMPT:
        return None
    if definition.kind == Kind.APPROVAL and definition.expires_after_days:
        return agreed.lapse_of(reading.approvals.get(definition.criterion_id, []), reading.today)
    if answer is None or not answer.opens or not needs_answer(definition):
        return None
    return answer.holds_until if answer.holds_until and answer.holds_until >= reading.today else None


def _stands(finding, reading):
    days = [_lapses(finding, reading)]
    if finding.definition.kind == Kind.NEXT_STEP and reading.deal.next_step:
        days.append(reading.deal.next_step_on)
    if finding.definition.future and finding.answer and finding.answer.opens:
        days.append(finding.answer.day)
    return _first([day for day in days if day and day >= reading.today])


def recount(process, today, deals=None):
    """Write the counts of all live deals of a process (or of the given queryset), one statement a stage.

    Returns how many deals were written.
    """
    deals = Deal.objects.made().live() if deals is None else deals
    held = set(deals.order_by().values_list("stage_id", flat=True).distinct())
    written = 0
    for stage in process.stages:
        if stage.stage_id not in held:
            continue  # making the statement costs more than asking
        written += deals.filter(stage_id=stage.stage_id).update(**expressions(process, stage, today))
    return written


def expressions(process, stage, today):
    """{column: expression} over deals that stand in this stage."""
    before = [d for d in process.criteria_before(stage.stage_id) if d.kind != Kind.NEXT_STEP]
    here = process.exit_criteria(stage.stage_id)
    spared = sparing.exemptions(process, today)
    holds_until = _earliest([_lapse_expressions(before, today, spared)])
    return {
        "open_before": _count(before, today, spared, open_ones=True),
        "held_here": _count(here, today, spared, at_gate=True),
        "claimed_here": _count_claimed(here, today, spared),
        "total_here": _sum([when(d, Q(), spared) for d in here]),
        "holds_until": holds_until,
        "stands_until": _earliest(
            [_lapse_expressions(before + here, today, spared), _date_expressions(here, today, spared)]
        ),
        "counts_as_pipeline": Value(stage.counts_as_pipeline),
        "probability": Value(stage.probability),
    }


def lapsing(process, stage, today):
    """(holds_until, the rest of stands_until): each looked up once by who stores both."""
    before = [d for d in process.criteria_before(stage.stage_id) if d.kind != Kind.NEXT_STEP]
    here, spared = process.exit_criteria(stage.stage_id), sparing.exemptions(process, today)
    own = [_lapse_expressions(here, today, spared), _date_expressions(here, today, spared)]
    return _earliest([_lapse_expressions(before, today, spared)]), _earliest(own)


def open_before(process, stage, today):
    """The one of them that says whether a deal might stand here, built without the others."""
    before = [d for d in process.criteria_before(stage.stage_id) if d.kind != Kind.NEXT_STEP]
    return number_open(before, today, sparing.exemptions(process, today))


def number_open(definitions, today, spared):
    """How many of these, which may lie behind a deal, are open."""
    return _count(definitions, today, spared, open_ones=True)


def _count(definitions, today, spared, *, open_ones=False, at_gate=False):
    """How many of the criteria hold, or are open. Those that rest on an answer alone are counted in one subquery."""
    plain = [d for d in definitions if _is_plain(d, spared, at_gate)]
    rest = [d for d in definitions if not _is_plain(d, spared, at_gate)]
    terms = [when(d, holds(d, today, at_gate), spared, negate=open_ones) for d in rest]
    if plain:
        held = _number(Answer.objects.holding(today), plain)
        terms.append(Value(len(plain)) - held if open_ones else held)
    return _sum(terms)


def _count_claimed(definitions, today, spared):
    """How many of the criteria the seller claims."""
    plain = [d for d in definitions if _is_plain(d, spared)]
    rest = [d for d in definitions if needs_answer(d) and d not in plain]
    terms = [when(d, claimed(d, today), spared) for d in rest]
    return _sum(terms + ([_number(Answer.objects.claimed(), plain)] if plain else []))


def _is_plain(definition, spared, at_gate=False):
    return (
        definition.kind not in FACT_KINDS
        and asked(definition, spared) is None
        and not (at_gate and definition.future)
    )


def _number(answers, definitions):
    """How many of a deal's answers are among these and to these criteria."""
    found = answers.filter(deal=OuterRef("pk"), criterion__in=[d.criterion_id for d in definitions])
    counted = found.order_by().values("deal").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def holds(definition, today, at_gate=False):
    """Condition over deals: the criterion holds (whether it applies is asked apart)."""
    condition = Q()
    if definition.kind in FACT_KINDS:
        condition &= facts.expression(definition, today)
    if not needs_answer(definition):
        condition &= ~agreement_facts.contested(definition)
    else:
        answers = Answer.objects.holding(today).filter(deal=OuterRef("pk"), criterion=definition.criterion_id)
        if at_gate and definition.future:
            answers = answers.filter(Q(day__isnull=True) | Q(day__gte=today))
        condition &= Q(Exists(answers))
    return condition


def lacks(definition, today):
    """1 over deals the criterion is asked of and does not hold for, else 0."""
    return when(definition, holds(definition, today), {}, negate=True)


def claimed(definition, today):
    answers = Answer.objects.claimed().filter(deal=OuterRef("pk"), criterion=definition.criterion_id)
    condition = Q(Exists(answers))
    return condition & facts.expression(definition, today) if definition.kind in FACT_KINDS else condition


def asked(definition, spared):
    """Condition over deals: it applies to them, and no publication left them alone. None: it is asked of all."""
    applies, exempt = condition_of(definition), spared.get(definition.criterion_id)
    if applies is None and exempt is None:
        return None
    condition = Q() if applies is None else applies.as_q()
    return condition if exempt is None else condition & ~exempt


def when(definition, condition, spared, negate=False):
    """1 where the criterion is asked and the condition is met (or, negated, is not), else 0."""
    met, unmet = (0, 1) if negate else (1, 0)
    inner = Case(When(condition, then=Value(met)), default=Value(unmet)) if condition else Value(met)
    whose = asked(definition, spared)
    if whose is None:
        return inner
    return Case(When(whose, then=inner), default=Value(0), output_field=IntegerField())


def _sum(terms):
    total = Value(0)
    for term in terms:
        total = total + term
    return total


def _lapse_expressions(definitions, today, spared):
    """Expressions for the first day an expiring answer of these criteria lapses.

    An answer that a publication left as it was judged may lapse although its criterion no longer expires.
    """
    expiring = [d for d in definitions if d.expires_after_days or d.criterion_id in spared]
    answers, approvals = (
        [d for d in expiring if needs_answer(d)],
        [d for d in expiring if d.kind == Kind.APPROVAL],
    )
    return [
        *_first_days(answers, _first_lapse, today, spared),
        *_first_days(approvals, _first_approval_lapse, today, spared),
    ]


def _first_days(definitions, first_day, today, spared):
    """One expression for all that are asked of every deal, one each for the others."""
    plain = [d.criterion_id for d in definitions if asked(d, spared) is None]
    found = [first_day(plain, today)] if plain else []
    for definition in definitions:
        if whose := asked(definition, spared):
            day = first_day([definition.criterion_id], today)
            found.append(Case(When(whose, then=day), default=None, output_field=DateField()))
    return found


def _first_lapse(criteria, today):
    return _first_day(criteria, "holds_until", today)


def _first_approval_lapse(criteria, today):
    return Subquery(agreement_facts.first_lapse(criteria, today), output_field=DateField())


def _date_expressions(definitions, today, spared):
    """Expressions for dates to come that this stage's gate rests on."""
    dated = [d for d in definitions if d.future and needs_answer(d)]
    found = _first_days(dated, lambda criteria, day: _first_day(criteria, "day", day), today, spared)
    for definition in [d for d in definitions if d.kind == Kind.NEXT_STEP]:
        dated = ~Q(next_step="") & Q(next_step_on__gte=today)
        if whose := asked(definition, spared):
            dated &= whose
        found.append(Case(When(dated, then=F("next_step_on")), default=None, output_field=DateField()))
    return found


def _first_day(criteria, column, today):
    answers = Answer.objects.current().filter(
        deal=OuterRef("pk"), criterion__in=criteria, opens=True, **{f"{column}__gte": today}
    )
    first = answers.order_by().values("deal").annotate(first=Min(column)).values("first")
    return Subquery(first, output_field=DateField())


def _earliest(groups):
    """The least of all, None where there is none. NEVER stands in, since engines differ on LEAST and NULL."""
    days = [
        Coalesce(day, Value(NEVER, output_field=DateField()), output_field=DateField())
        for group in groups
        for day in group
    ]
    if not days:
        return Value(None, output_field=DateField())
    least = days[0] if len(days) == 1 else Least(*days, output_field=DateField())
    return NullIf(least, Value(NEVER, output_field=DateField()))
