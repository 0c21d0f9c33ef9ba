"""Approvals given, objections settled, nothing that speaks against it: conditions over deals, for one and for all."""

from django.db.models import BooleanField, Case, Exists, Min, OuterRef, Q, Value, When

from pipeline.vocabulary import Evidence

from ..models import UNSETTLED, ActivityKind, Approval, ApprovalSide, Contradiction, Decision, Objection
from .colleagues import ours


def asked(definition):
    """Approvals of the criterion that nobody has withdrawn, of the deal a query is about."""
    rows = Approval.objects.order_by().filter(deal=OuterRef("pk"), criterion=definition.criterion_id)
    return rows.exclude(decision=Decision.WITHDRAWN)


def approved(definition, today):
    """One approval at least, of every role asked for; and none that is pending, rejected, run out or not shown."""
    judged = asked(definition).annotate(
        good=Case(
            When(_good(definition, today), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
    )
    good = judged.filter(good=True)
    condition = ~Q(Exists(judged.filter(good=False)))
    if definition.needs_buyer:
        return condition & Q(Exists(good.filter(side=ApprovalSide.BUYER)))
    for role in definition.role_list:
        condition &= Q(Exists(good.filter(role=role)))
    return condition & Q(Exists(good))


def _good(definition, today):
    """Condition over approvals: given, not run out, and the buyer's shown as the criterion asks."""
    given = Q(decision=Decision.APPROVED)
    if definition.expires_after_days:
        given &= Q(holds_until__isnull=True) | Q(holds_until__gte=today)
    if not definition.needs_buyer:
        return given
    shown = Q(activity__from_buyer=True) & ~ours("contact__") & _shown(definition.evidence)
    return given & (~Q(side=ApprovalSide.BUYER) | shown)


def _shown(evidence):
    """The levels of judging.evidence_of, over approvals."""
    own = Q(attachment__isnull=False) | Q(activity__kind=ActivityKind.INVITATION)
    levels = {
        Evidence.WORDS: own | ~Q(comment=""),
        Evidence.OWN: own,
        Evidence.FILE: Q(attachment__isnull=False),
    }
    return levels.get(evidence, Q())


def first_lapse(criteria, today):
    """Approvals of these criteria that run out, as {deal, first}: the first day one of them does."""
    rows = Approval.objects.order_by().filter(
        deal=OuterRef("pk"), criterion__in=criteria, decision=Decision.APPROVED, holds_until__gte=today
    )
    return rows.values("deal").annotate(first=Min("holds_until")).values("first")


def no_open_objection(definition, today):
    return ~Q(Exists(Objection.objects.order_by().filter(deal=OuterRef("pk"), status__in=UNSETTLED)))


def contested(definition):
    """Something that speaks against this criterion's answer stands unsettled."""
    notes = Contradiction.objects.standing().order_by()
    return Q(Exists(notes.filter(deal=OuterRef("pk"), criterion=definition.criterion_id)))


def any_contested():
    """Something that speaks against any answer of the deal stands unsettled."""
    return Q(Exists(Contradiction.objects.standing().order_by().filter(deal=OuterRef("pk"))))


def any_of(model):
    return Q(Exists(model.objects.order_by().filter(deal=OuterRef("pk"))))
