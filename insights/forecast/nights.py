"""Each night the forecast is written down as it stands, per pipeline, owner, team and month, and never changed."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import ngettext

from deals.models import Deal
from pipeline.models import Pipeline
from pipeline.process import process_of
from team.calendar import grace_date, local_date, start_of
from team.models import Organisation

from .. import periods
from ..lens import Lens
from ..models import ForecastDay, ForecastRow, StageRecord
from . import chances, expected, history, wins

# Nights that are caught up at most; what lies further back nobody can know.
LONGEST = 31
# Hours after midnight from which on a night counts as caught up.
LATE = timedelta(hours=6)
BATCH = 1000


def write(now):
    """The duty of the tick: tonight and the nights missed since the last one. What it did in words, or None."""
    organisation = Organisation.current()
    today = local_date(now, organisation)
    last = ForecastDay.objects.order_by("-day").values_list("day", flat=True).first()
    if (last and last >= today) or not Pipeline.objects.filter(version__isnull=False).exists():
        return None
    start = today if last is None else max(last + timedelta(days=1), today - timedelta(days=LONGEST))
    days = [start + timedelta(days=number) for number in range((today - start).days + 1)]
    written = [day for day in days if _write_one(day, now, organisation)]
    if not written:
        return None
    return ngettext("forecast of %(n)d night written", "forecast of %(n)d nights written", len(written)) % {
        "n": len(written)
    }


def _write_one(day, now, organisation):
    """Whether this process wrote it: another one may have been faster."""
    try:
        with transaction.atomic():
            if ForecastDay.objects.filter(day=day).exists():
                return False
            late = now >= start_of(day, organisation) + LATE
            night = ForecastDay.objects.create(day=day, taken_at=now, caught_up=late)
            _keep(night, organisation)
    except IntegrityError:
        if ForecastDay.objects.filter(day=day).exists():
            return False
        raise
    return True


def _keep(night, organisation):
    """Four statements that count, and the rows."""
    processes = [
        process_of(pipeline)
        for pipeline in Pipeline.objects.filter(version__isnull=False).select_related("version")
    ]
    records = history.by(night.day, processes)
    open_now = Deal.objects.made().open().filter(counts_as_pipeline=True)
    rows = figures(open_now, processes, records, night.day, organisation)
    for key, money in won_so_far(night, organisation).items():
        rows.setdefault(key, {})["won"] = money
    save(night, rows, records)


def figures(deals, processes, records, day, organisation):
    """{(pipeline, owner, team, month): {column: value}} of open deals as of a day. Two statements."""
    columns = ("pipeline_id", "owner_id", "team_id")
    seen = deals.with_proven(day, grace_date(day, organisation)).annotate(month=expected.MONTH)
    rows = expected.grouped(seen, [process.last.stage_id for process in processes], *columns, "month")
    for key, money in chances.spread(deals, records, day, organisation, *columns).items():
        rows.setdefault(key, {})["calibrated"] = money
    return rows


def won_so_far(night, organisation):
    """{(pipeline, owner, team, month): money} won from the month of the night's day until it was taken.

    What was won by then is not open any more; of a night that is caught up it would be missing. A statement a month.
    """
    today, found = local_date(night.taken_at, organisation), {}
    month = periods.first_of("month", night.day)
    while month <= today:
        lens = Lens(_Everybody(), night.taken_at, "own", month, periods.last_of("month", month))
        sold = wins.by(lens, "pipeline_id", "owner_id", "team_id")
        found |= {(*key, month): money for key, money in sold.items()}
        month = periods.last_of("month", month) + timedelta(days=1)
    return found


class _Everybody:
    """An eye that sees all deals, of nobody in particular."""

    is_admin = is_manager = is_active = True
    pk = None


def save(night, rows, records):
    """Write a night's rows and the records of its stages."""
    ForecastRow.objects.bulk_create(forecast_rows(night, rows), BATCH)
    StageRecord.objects.bulk_create(stage_records(night, records), BATCH)


def forecast_rows(night, rows):
    return [
        ForecastRow(day=night, pipeline_id=pipeline, owner_id=owner, team_id=team, month=month, **columns)
        for (pipeline, owner, team, month), columns in rows.items()
    ]


def stage_records(night, records):
    return [
        StageRecord(
            day=night, stage_id=stage, probability=round(record.assumed * 100), ended=record.ended,
            won=record.won, waits=_as_json(record.waits),
            stays={str(days): [ended, _as_json(wins)] for days, (ended, wins) in sorted(record.stays.items())},
        )
        for stage, record in records.items()
    ]  # fmt: skip


def _as_json(counts):
    return {str(days): number for days, number in sorted(counts.items())}
