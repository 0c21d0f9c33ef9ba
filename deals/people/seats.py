"""The people of a deal as its page shows them."""

from dataclasses import dataclass, field

from django.db.models import Max, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from ..evidence import staleness
from ..models import Activity, StakeholderStance

# The middle is what everybody begins with: it says nothing.
_WEIGHTS = {1: _("Low influence"), 3: _("High influence")}
_SEAT = [
    "pk", "contact__name", "contact__job_title", "contact__left_at", "stance", "heard", "contact__created_at",
    "elsewhere", "influence", "priority", "contact__email", "contact__phone",
]  # fmt: skip


@dataclass
class Seat:
    """A stakeholder as a row of the people panel."""

    id: int
    name: str
    job_title: str
    left: bool
    stance: str
    heard: object
    noted: object
    # When they were heard last, on any deal.
    elsewhere: object
    influence: int
    # What matters to them, in their own words or ours.
    priority: str
    email: str
    phone: str
    roles: list = field(default_factory=list)

    @property
    def old_since(self):
        """When they were heard or noted last, where that is long ago."""
        moment = self.elsewhere or self.noted
        return moment if not self.left and staleness.is_stale(moment) else None

    @property
    def weight(self):
        """'High influence, for us': how much they count, and where they stand, as far as somebody said so."""
        stance = StakeholderStance(self.stance) if self.stance else StakeholderStance.UNKNOWN
        where = "" if stance == StakeholderStance.UNKNOWN else str(stance.label).lower()
        said = ", ".join(filter(None, [str(_WEIGHTS.get(self.influence, "")), where]))
        return said[:1].upper() + said[1:]

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
    anywhere = Activity.objects.filter(attendees=OuterRef("contact")).order_by().values("attendees")
    elsewhere = Subquery(anywhere.annotate(last=Max("happened_at")).values("last"))
    return (
        deal.stakeholders.annotate(heard=last, elsewhere=elsewhere)
        .values(*_SEAT, "roles__role")
        .order_by("-influence", "pk")
    )
