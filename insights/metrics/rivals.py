"""Competitors in the deals that ended in the period, and in those that are open."""

from dataclasses import dataclass

from django.db.models import Count, Q

from deals.models import CLOSED_STATUSES, LIVE, Rivalry, Status

from . import once, percent


@dataclass(frozen=True)
class Rival:
    """`met` in deals that ended: won against them, lost to them, or ended otherwise."""

    key: int
    name: str
    met: int
    won: int
    lost_to: int
    open: int

    @property
    def win_rate(self):
        """Of the deals decided between them and us."""
        return percent(self.won, self.won + self.lost_to)


@once
def rivals(lens):
    """[Rival], whoever takes most first. One statement."""
    ended = Q(
        deal__closed_at__gte=lens.since, deal__closed_at__lt=lens.until, deal__status__in=CLOSED_STATUSES
    )
    lost = Q(deal__status=Status.LOST, state=Rivalry.State.LOST_TO)
    rows = Rivalry.objects.filter(ended | Q(deal__status__in=LIVE)).order_by()
    if not lens.is_whole:
        rows = rows.filter(deal__in=lens.deals().order_by().values("pk"))
    rows = rows.values_list("competitor", "competitor__name").annotate(
        met=Count("pk", filter=ended),
        won=Count("pk", filter=ended & Q(deal__status=Status.WON)),
        lost_to=Count("pk", filter=ended & lost),
        open=Count("pk", filter=Q(deal__status__in=LIVE)),
    )
    return sorted((Rival(*row) for row in rows), key=lambda rival: (-rival.lost_to, -rival.met, rival.name))
