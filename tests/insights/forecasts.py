"""Deals for tests of targets and forecasts, as they come through the doors of the product, and nights as written."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

from django.db import transaction
from django.utils import timezone

from deals import moves
from deals.models import Deal, ImportBatch
from insights.lens import Lens
from insights.models import ForecastDay, ForecastRow
from pipeline.process import process_of

from .. import factories as f

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def seen_by(user, **asked):
    return Lens.from_query(user, asked, timezone.now())


def night(day, pipeline, months, caught_up=False, owner=None):
    """A night of the past as it would have been written: {month: (proven weighted, claimed weighted, won)}."""
    owner = owner or f.make_user()
    made = ForecastDay.objects.create(day=day, taken_at=NOON, caught_up=caught_up)
    for month, (proven, claimed, so_far) in months.items():
        ForecastRow.objects.create(
            day=made, pipeline=pipeline, owner=owner, team=owner.teams.first(), month=month,
            proven_weighted=proven, claimed_weighted=claimed, won=so_far, calibrated=proven,
        )  # fmt: skip
    return made


def open_deal(pipeline, amount, stage="Propose", close=date(2026, 12, 10), proven=True, **fields):
    """Proven or claimed, in that stage."""
    deal = f.make_deal(pipeline, stage=stage, amount=D(amount), expected_close=close, **fields)
    step = {"next_step": "Call", "next_step_on": f.today() + timedelta(days=3)}
    Deal.objects.filter(pk=deal.pk).update(**(step if proven else {"next_step": ""}))
    return f.fresh(deal)


def won(pipeline, amount, **fields):
    deal = f.make_deal(pipeline, stage="Close", amount=D(amount), **fields)
    return moves.win(deal.pk, seen_seq=deal.seq, by=None)


@transaction.atomic
def imported(pipeline, amount, stage, status, began, at, by):
    """A deal that came with a file, begun and landed on those moments."""
    process, now = process_of(pipeline), timezone.now()
    batch = ImportBatch.objects.create(by=by, name="old.csv", started_at=now)
    owner, company = f.make_user(), f.make_company()
    columns = {
        "name": "Old",
        "company": company,
        "owner": owner,
        "team": owner.teams.first(),
        "amount": D(amount),
    }
    columns |= {"at": began, "import_batch": batch}
    [deal] = moves.create_many(process, [columns], by=by, now=now, batch=str(batch.pk))
    stage_id = f.stage_of(pipeline, stage).pk
    moves.land_many(process, [(deal, stage_id, status, at, None)], by=by, now=now, batch=str(batch.pk))
    return f.fresh(deal)
