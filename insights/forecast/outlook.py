"""The months ahead: what is won, what is expected by each way of counting, the target and the manager's own figure."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from pipeline.process import process_of

from .. import periods
from ..models import ManagerCall
from ..targets import Targets, may_read
from . import chances, expected, history, wins


@dataclass(frozen=True)
class Month:
    """Of one month; each expected figure holds what is won of it already."""

    month: object
    won: Decimal
    commit: Decimal
    best_case: Decimal
    pipeline: Decimal
    proven: Decimal
    claimed: Decimal
    calibrated: Decimal
    target: Decimal | None
    call: ManagerCall | None


def months(lens, target_of=None):
    """The month under way and the next three. `target_of(targets)` says whose target counts."""
    ahead = periods.months(lens.today, chances.AHEAD)
    processes = [process_of(pipeline) for pipeline in lens.pipelines]
    last = [process.last.stage_id for process in processes]
    _night, records = history.newest(processes)
    sums = expected.grouped(lens.open().annotate(month=expected.MONTH), last, "month")
    spread = chances.spread(lens.open(), records, lens.today, lens.organisation)
    won = wins.by_month(lens, ahead[:1])
    calls = newest_calls(lens, ahead)
    targets = Targets(ahead) if target_of else None
    none = expected.total([])
    return [
        _month(
            month, sums.get((month,), none), won.get(month, Decimal(0)), spread.get((month,), Decimal(0)),
            target_of(targets, [month]) if target_of else None, calls.get(month),
        )
        for month in ahead
    ]  # fmt: skip


def _month(month, sums, won, calibrated, target, call):
    return Month(
        month=month, won=won, commit=won + sums["commit"], best_case=won + sums["best_case"],
        pipeline=won + sums["proven"] + sums["claimed"], proven=won + sums["proven_weighted"],
        claimed=won + sums["proven_weighted"] + sums["claimed_weighted"], calibrated=won + calibrated,
        target=target, call=call,
    )  # fmt: skip


def calls(lens):
    """What managers said of the team the lens is on, else of all that this eye leads. Newest first."""
    if lens.team:
        said = Q(team=lens.team) if may_read(lens.user, team=lens.team) else Q(pk=None)
    else:
        said = Q(team__isnull=True) if lens.sees_all else Q(team__in=lens.user.team_ids)
    return ManagerCall.objects.filter(said).select_related("by", "team")


def newest_calls(lens, ahead):
    """{month: the newest ManagerCall}; None where the lens is on something else than a team or all. One statement."""
    of_one = lens.team or lens.sees_all or len(lens.user.team_ids) == 1
    if lens.owner or lens.pipeline or not of_one:
        return {}
    found = {}
    for call in calls(lens).filter(month__in=ahead):
        found.setdefault(call.month, call)
    return found


def behind(lens, kind, month):
    """The deals a figure of a month counts, what is won of it among them, each with what it counts as (`weighted`)."""
    counted = _open_in(lens, kind, month), won_in(lens, month)
    counts = Q(*(("pk__in", deals.order_by().values("pk")) for deals in counted), _connector=Q.OR)
    return lens.deals().filter(counts).annotate(likelihood=expected.SHOWN, weighted=expected.COUNTED)


def _open_in(lens, kind, month):
    """The open deals behind a figure of a month: 'commit', 'best_case', 'pipeline', 'weighted' or 'proven'."""
    end = periods.last_of("month", month)
    deals = lens.open().filter(expected_close__gte=month, expected_close__lte=end)
    if kind in ("pipeline", "weighted"):
        return deals
    deals = deals.filter(is_proven=True)
    if kind == "proven":
        return deals
    last = Q(stage__in=[process_of(pipeline).last.stage_id for pipeline in lens.pipelines])
    if kind == "best_case":
        return deals.annotate(likelihood=expected.SHOWN).filter(last | Q(likelihood__gte=expected.LIKELY))
    return deals.filter(last)


def won_in(lens, month):
    return wins.deals(lens.over(month, periods.last_of("month", month)))
