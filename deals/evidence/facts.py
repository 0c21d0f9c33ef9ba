"""Facts a deal holds that open a criterion by themselves. One ORM expression per kind, for one deal and for all."""

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from pipeline.vocabulary import ActivityToken, DealFact, Kind

from ..models import Activity, ActivityKind, Answer, Direction, Stakeholder
from . import agreement_facts
from .colleagues import ours

# Parts of the hand-over pack that earlier answers fill: the slugs whose answer counts.
ANSWERED_BY = {
    DealFact.GOALS: ["need_summary", "problem_stated", "requirements_confirmed"],
    DealFact.SUCCESS_METRIC: [
        "success_metric",
        "value_named",
        "value_agreed",
        "evaluation_plan",
        "revenue_estimate",
    ],
    DealFact.PAINS: ["top_three_pains", "problem_stated"],
}


def expression(definition, today):
    """A condition over Deal querysets: the fact that `definition` asks for is there on the local date `today`."""
    return _KINDS[definition.kind](definition, today)


# A criterion that names nothing to look at stays shut.
_NEVER = Q(pk__in=[])


def _next_step(definition, today):
    return ~Q(next_step="") & Q(next_step_on__gte=today)


def _deal_field(definition, today):
    condition = Q()
    for name in definition.deal_field_list:
        condition &= _FIELDS[name](definition, today)
    return condition or _NEVER


def _number_field(name):
    def condition(definition, today):
        found = Q(**{f"{name}__isnull": False})
        if definition.minimum is not None:
            found &= Q(**{f"{name}__gte": definition.minimum})
        if definition.maximum is not None:
            found &= Q(**{f"{name}__lte": definition.maximum})
        return found

    return condition


def _expected_close(definition, today):
    return Q(expected_close__gte=today) if definition.future else Q(expected_close__isnull=False)


def _answered(fact):
    def condition(definition, today):
        answers = Answer.objects.current().filter(
            deal=OuterRef("pk"), criterion__slug__in=ANSWERED_BY[fact], opens=True
        )
        return Q(Exists(answers))

    return condition


def _goals(definition, today):
    return ~Q(goals="") | _answered(DealFact.GOALS)(definition, today)


def _buyers():
    """People of the deal's map who are not one of us."""
    return Stakeholder.objects.filter(deal=OuterRef("pk")).exclude(ours("contact__"))


def _people(definition, today):
    return Q(Exists(_buyers()))


def _commitments(definition, today):
    return ~Q(commitments="")


_FIELDS = {
    DealFact.AMOUNT: _number_field("amount"),
    DealFact.DISCOUNT_PERCENT: _number_field("discount_percent"),
    DealFact.EXPECTED_CLOSE: _expected_close,
    DealFact.GOALS: _goals,
    DealFact.SUCCESS_METRIC: _answered(DealFact.SUCCESS_METRIC),
    DealFact.PAINS: _answered(DealFact.PAINS),
    DealFact.STAKEHOLDER_MAP: _people,
    DealFact.COMMITMENTS: _commitments,
}


def _stakeholder(definition, today):
    """Each role is on the map (with a priority where asked), and enough people are."""
    condition = Q()
    roles = definition.role_list + ([definition.must_include] if definition.must_include else [])
    for role in roles:
        people = _buyers().filter(roles__role=role, contact__left_at__isnull=True)
        if definition.requires_priority and role in definition.role_list:
            people = people.exclude(priority="")
        condition &= Q(Exists(people))
    least = definition.min_people or (0 if roles else 1)
    if least > 1 or not roles:
        condition &= Q(GreaterThanOrEqual(_people_count(), least))
    return condition


def _people_count():
    """How many people of the deal's map still work there."""
    known = _buyers().filter(contact__left_at__isnull=True).order_by()
    counted = known.values("deal").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def _activity(definition, today):
    """An activity of an asked kind, with enough buyer people, or with the role asked for taking part."""
    activities = Activity.objects.filter(deal=OuterRef("pk"), is_auto=False)
    if definition.activity_list:
        activities = activities.filter(_any_token(definition.activity_list))
    if definition.min_people:
        activities = activities.filter(buyer_count__gte=definition.min_people)
    if definition.needs_buyer:
        activities = activities.filter(from_buyer=True)
    if definition.role_list:
        there = Stakeholder.objects.filter(deal=OuterRef("deal"), contact__activities=OuterRef("pk"))
        activities = activities.filter(
            Exists(there.filter(roles__role__in=definition.role_list).exclude(ours("contact__")))
        )
    return Q(Exists(activities))


def _any_token(tokens):
    condition = Q()
    for token in tokens:
        if token == ActivityToken.EMAIL_IN:
            condition |= Q(kind=ActivityKind.EMAIL, direction=Direction.IN)
        elif token == ActivityToken.EMAIL_OUT:
            condition |= Q(kind=ActivityKind.EMAIL, direction=Direction.OUT)
        else:
            condition |= Q(kind=token)
    return condition


_KINDS = {
    Kind.NEXT_STEP: _next_step,
    Kind.DEAL_FIELD: _deal_field,
    Kind.STAKEHOLDER: _stakeholder,
    Kind.ACTIVITY: _activity,
    Kind.APPROVAL: agreement_facts.approved,
    Kind.NO_OPEN_OBJECTION: agreement_facts.no_open_objection,
}
