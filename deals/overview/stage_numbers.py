"""The numbers of one stage, of the deals somebody may see: what stands there, for how long, and what holds it up."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from team.calendar import grace_date, local_date
from team.models import Organisation

from .. import counts
from ..models import Deal, Status


@dataclass(frozen=True)
class StageNumbers:
    live: int
    open: int
    proven: Decimal
    claimed: Decimal
    median_days: int | None
    held_up_by: object | None  # the criterion most open deals lack
    held_up: int


def of(user, process, stage, now):
    """Four statements, however many deals there are."""
    organisation = Organisation.current()
    today = local_date(now, organisation)
    here = Deal.objects.visible_to(user).live().filter(stage_id=stage.stage_id)
    return StageNumbers(
        **_standing(here, today, grace_date(today, organisation)),
        median_days=_median_days(here, now),
        **held_up(here.open(), process, stage, today),
    )


def _standing(here, today, grace):
    is_open = Q(status=Status.OPEN)
    found = here.with_proven(today, grace).aggregate(
        live=Count("pk"),
        open=Count("pk", filter=is_open),
        proven=Sum("amount_base", filter=Q(is_proven=True), default=Decimal(0)),
        claimed=Sum("amount_base", filter=is_open & Q(is_proven=False), default=Decimal(0)),
    )
    return found


def _median_days(here, now):
    """Of how many days the deals that are here now have been here: the middle one's."""
    entered = here.filter(stage_entered_at__isnull=False).order_by("stage_entered_at")
    count = entered.count()
    if not count:
        return None
    middle = entered.values_list("stage_entered_at", flat=True)[count // 2]
    return max(0, (now - middle).days)


def held_up(deals, process, stage, today):
    """The exit criterion that most open deals here do not meet yet."""
    asked = process.exit_criteria(stage.stage_id)
    lacking = {f"lacks_{c.criterion_id}": Sum(counts.lacks(c, today), default=0) for c in asked}
    found = deals.aggregate(**lacking) if lacking else {}
    most = max(asked, key=lambda c: found[f"lacks_{c.criterion_id}"], default=None)
    number = found[f"lacks_{most.criterion_id}"] if most else 0
    return {"held_up_by": most if number else None, "held_up": number}
