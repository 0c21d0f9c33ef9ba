"""Exception debt: who passes gates by exception, where, and what is waived, in counts and money."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import Count, Sum

from pipeline.models import CriterionDefinition

from ..models import GateException, Kind, Transition, WaivedCriterion
from . import waivers

DAYS = 90


@dataclass(frozen=True)
class Line:
    """Live exceptions of one name, and the money of their deals in the organisation's currency."""

    name: str
    count: int
    money: Decimal


@dataclass(frozen=True)
class Share:
    """How many of all advances of the last 90 days one person let pass by exception."""

    name: str
    count: int
    whole: int

    @property
    def percent(self):
        return round(100 * self.count / self.whole) if self.whole else 0


class Debt:
    """Exceptions granted and not mended of these deals, where those are live."""

    def __init__(self, deals, now):
        self.deals, self.since = deals, now - timedelta(days=DAYS)
        self.live = GateException.objects.filter(deal__in=deals.live(), **waivers.LIVE).order_by()

    @property
    def by_rep(self):
        return self._lines(self.live, "asked_by__name")

    @property
    def by_stage(self):
        """By the gate that was passed: the stage the deal left."""
        return self._lines(self.live, "transition__from_stage__name")

    @property
    def by_criterion(self):
        rows = WaivedCriterion.objects.filter(exception__in=self.live).order_by()
        lines = self._lines(rows, "criterion", "exception__deal__amount_base")
        labels = dict(
            CriterionDefinition.objects.filter(
                criterion__in=[line.name for line in lines], valid_until__isnull=True
            ).values_list("criterion_id", "label")
        )
        return [Line(labels[line.name], line.count, line.money) for line in lines if line.name in labels]

    @staticmethod
    def _lines(rows, name, money="deal__amount_base"):
        found = rows.values_list(name).annotate(n=Count("pk"), money=Sum(money, default=Decimal(0)))
        return [Line(*row) for row in found.order_by("-n", "-money", name)]

    @cached_property
    def shares(self):
        """By who granted them, the most first."""
        rows = Transition.objects.filter(deal__in=self.deals, recorded_at__gt=self.since).order_by()
        whole = rows.filter(kind__in=[Kind.ADVANCE, Kind.EXCEPTION]).count()
        granted = rows.filter(kind=Kind.EXCEPTION).values_list("approver__name").annotate(n=Count("pk"))
        return [Share(name, count, whole) for name, count in granted.order_by("-n", "approver__name")]
