"""How long deals stood in each stage, from the ledger: a deal stands somewhere while it is live there."""

from datetime import timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, F, Sum, Value

from deals.models import Transition
from deals.models.machine import LIVE_STATUSES

DAY = timedelta(days=1)


def averages(deals, anchor):
    """{stage id: (average days in all, deals)} of closed deals. Two statements.

    The time in a stage is what all leaving rows say less what all entering rows say, so that every return counts and
    no row needs its neighbour. `anchor` is any instant near them: it keeps the sums small.
    """
    rows = Transition.objects.filter(deal__in=deals.order_by().values("pk")).order_by()
    since = ExpressionWrapper(F("happened_at") - Value(anchor), DurationField())
    total = Sum(since)
    entered = rows.filter(to_status__in=LIVE_STATUSES).values_list("to_stage")
    left = rows.filter(from_status__in=LIVE_STATUSES).values_list("from_stage")
    came = {
        stage: (time, n) for stage, time, n in entered.annotate(total=total, n=Count("deal", distinct=True))
    }
    went = dict(left.annotate(total=total))
    return {
        stage: (max(0.0, (went.get(stage, time) - time) / DAY / n), n) for stage, (time, n) in came.items()
    }


def of_each(deals):
    """{deal id: {stage id: days}} of a few closed deals, one statement."""
    found = {deal.pk: {} for deal in deals}
    rows = Transition.objects.filter(deal__in=list(found)).order_by("deal", "seq").only(
        "deal_id", "happened_at", "from_stage_id", "from_status", "to_stage_id", "to_status"
    )  # fmt: skip
    for row in rows:
        stays = found[row.deal_id]
        if row.from_status in LIVE_STATUSES:
            stays[row.from_stage_id] = stays.get(row.from_stage_id, 0) + row.happened_at.timestamp()
        if row.to_status in LIVE_STATUSES:
            stays[row.to_stage_id] = stays.get(row.to_stage_id, 0) - row.happened_at.timestamp()
    return {
        pk: {stage: max(0, int(seconds // DAY.total_seconds())) for stage, seconds in stays.items()}
        for pk, stays in found.items()
    }
