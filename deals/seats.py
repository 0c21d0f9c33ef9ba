"""The people of a deal as its page shows them."""

from dataclasses import dataclass, field

from django.db.models import Max, OuterRef, Subquery

from .models import Activity, StakeholderStance

_SEAT = ["pk", "contact__name", "contact__job_title", "contact__left_at", "stance", "heard"]


@dataclass
class Seat:
    """A stakeholder as a row of the people panel."""

    id: int
    name: str
    job_title: str
    left: bool
    stance: str
    heard: object
    roles: list = field(default_factory=list)

    @property
    def is_against(self):
        return self.stance == StakeholderStance.AGAINST


def of(deal):
    """Seats of the deal's stakeholders with their roles and when they were last heard, in one query."""
    seats = {}
    for row in _rows(deal):
        seat = seats.setdefault(row["pk"], Seat(*(row[name] for name in _SEAT)))
        if row["roles__role"]:
            seat.roles.append(row["roles__role"])
    return list(seats.values())


def _rows(deal):
    talks = Activity.objects.filter(attendees=OuterRef("contact"), deal=OuterRef("deal"))
    last = Subquery(talks.order_by().values("deal").annotate(last=Max("happened_at")).values("last"))
    return deal.stakeholders.annotate(heard=last).values(*_SEAT, "roles__role").order_by("-influence", "pk")
