"""The forecast held to account: what each first night of a month said, against what was won in that month."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Q, Sum

from .. import periods
from ..models import ForecastDay, ForecastRow
from . import wins

# Of a month: the first night that was written is its forecast, unless it came later than this day.
LATEST = 7
LEADS = range(4)
LINE = 90
NAMES = ["proven_weighted", "claimed_weighted", "calibrated", "won"]


@dataclass(frozen=True)
class Said:
    """What a night said about a month. Each figure holds what was won of it by then."""

    month: object
    night: object
    caught_up: bool
    proven: Decimal
    claimed: Decimal
    calibrated: Decimal
    actual: Decimal | None = None

    @property
    def accuracy(self):
        return accuracy([(self.proven, self.actual)])


def accuracy(pairs):
    """1 - |actual - forecast| / forecast over all pairs together, in per cent, not below 0; None: nothing was said.

    A month that was to bring nothing is wrong by what it brought.
    """
    known = [(forecast, actual) for forecast, actual in pairs if actual is not None]
    said = sum(forecast for forecast, _actual in known)
    missed = sum(abs(actual - forecast) for forecast, actual in known)
    return max(0, round(100 * (1 - missed / said))) if said else None


def errors(said, name):
    """(mean absolute error in money, in per cent of what was won, bias in money) of one figure over months."""
    known = [(getattr(one, name), one.actual) for one in said if one.actual is not None]
    if not known:
        return None, None, None
    missed = sum(abs(forecast - actual) for forecast, actual in known)
    won = sum(actual for _forecast, actual in known)
    bias = sum(forecast - actual for forecast, actual in known)
    return missed / len(known), round(100 * missed / won) if won else None, bias / len(known)


def can(lens):
    """Whether nights know what the lens asks for: they were written by pipeline, owner and team."""
    return not any((lens.source, lens.type, lens.segment, lens.band, lens.version))


def rows(lens):
    """Rows of nights that this person sees, of what the lens is on."""
    found = ForecastRow.objects.order_by()
    if not lens.user.is_admin:
        found = found.filter(Q(team__in=lens.user.team_ids) | Q(owner=lens.user))
    asked = {"pipeline": lens.pipeline, "team": lens.team, "owner": lens.owner}
    return found.filter(**{name: value for name, value in asked.items() if value})


def by_month(lens, months, leads=(0,)):
    """{lead: [Said of each month that a night spoke of so many months ahead]}. Three statements."""
    opening = first_nights(periods.months(months_on(months[0], -max(leads)), len(months) + max(leads)))
    asked = {(month, lead): opening.get(months_on(month, -lead)) for month in months for lead in leads}
    figures = _figures(lens, {night.pk for night in asked.values() if night}, months)
    actual = wins.by_month(lens, months)
    return {
        lead: [
            _said(month, asked[month, lead], figures, actual.get(month, Decimal(0)))
            for month in months if asked[month, lead]
        ]
        for lead in leads
    }  # fmt: skip


def of_period(lens):
    """(accuracy, months) of the whole months that ended on days of the lens; (None, []) where none was forecast."""
    start = periods.first_of("month", lens.start)
    count = (lens.end.year - start.year) * 12 + lens.end.month - start.month + 1
    last = min(lens.end, lens.today - timedelta(days=1))
    months = [month for month in periods.months(start, count) if periods.last_of("month", month) <= last]
    said = by_month(lens, months)[0] if months and can(lens) else []
    return accuracy([(one.proven, one.actual) for one in said]), [one.month for one in said]


def months_on(month, count):
    number = month.year * 12 + month.month - 1 + count
    return month.replace(year=number // 12, month=number % 12 + 1)


def first_nights(months):
    """{month: ForecastDay} where one was written in its first days. One statement."""
    end = months[-1] + timedelta(days=LATEST)
    found = {}
    for night in ForecastDay.objects.filter(day__gte=months[0], day__lt=end).order_by("day"):
        if night.day.day <= LATEST:
            found.setdefault(night.day.replace(day=1), night)
    return found


def newest(lens, months):
    """[Said of each month by the newest night]. Two statements."""
    night = ForecastDay.objects.order_by("-day").first()
    if night is None:
        return []
    figures = _figures(lens, {night.pk}, months)
    return [_said(month, night, figures, None) for month in months]


def _figures(lens, nights, months):
    found = rows(lens).filter(day__in=nights, month__in=months).values("day", "month")
    sums = {f"s_{name}": Sum(name) for name in NAMES}
    return {(row["day"], row["month"]): row for row in found.annotate(**sums)}


def _said(month, night, figures, actual):
    row = figures.get((night.pk, month)) or {}
    proven, claimed, calibrated, won = (row.get(f"s_{name}") or Decimal(0) for name in NAMES)
    return Said(
        month=month, night=night.day, caught_up=night.caught_up, proven=proven + won,
        claimed=proven + claimed + won, calibrated=calibrated + won, actual=actual,
    )  # fmt: skip
