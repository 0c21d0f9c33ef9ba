"""Targets and eight months of forecast nights for the demo company.

Nobody wrote the forecast down on those nights, and today's rows do not say how a deal stood then. What is told here is
put together from what does have a date: the ledger (stage, status, money), what the buyer did, and the days buyers
named. A deal counts as proven while it came through its gates and the buyer was heard in the three weeks before. A live
deal is taken to have named the day it names now; where no day was named the usual length of the stages ahead stands in
for it, and one that had passed is put off by two weeks. It is a demonstration.
"""

from bisect import bisect_right
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from deals.demo.plan import STAGE_DAYS
from deals.models import Activity, Answer, Deal, Kind, Status, Transition
from team.calendar import local_date, start_of

from .. import periods
from ..forecast import expected, history, nights
from ..forecast.chances import months_ahead
from ..models import ForecastDay, ForecastRow, StageRecord, Target

NIGHTS = 245
HEARD = 21
# Days by which a close that has passed is put off.
PUT_OFF = 14
# Share of the target each person carries, in tenths; {months from the quarter under way: thousands a month}.
SHARES = {"jonas": 3, "mara": 2, "ines": 3, "tom": 2}
MONTHLY = {-9: 200, -6: 250, -3: 300, 0: 500}
GATED = {Kind.ADVANCE, Kind.RETURN, Kind.RESUME, Kind.BACK, Kind.CREATE}


def make(world):
    """Targets of a year, and each night but tonight's, which the tick writes."""
    _targets(world)
    days = [world.clock.t - timedelta(days=back) for back in range(NIGHTS, 0, -1)]
    _nights(world, days, lives(world))


def _targets(world):
    first = periods.first_of("quarter", world.clock.t)
    rows = []
    for months, amount in MONTHLY.items():
        for month in periods.months(_months_on(first, months), 3):
            people = {world.people[name].pk: amount * 100 * share for name, share in SHARES.items()}
            rows += [Target(month=month, user_id=user, amount=money) for user, money in people.items()]
    Target.objects.bulk_create(rows)


def _months_on(day, count):
    number = day.year * 12 + day.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


class Life:
    """How one deal stood on any day, as far as anything with a date says."""

    def __init__(self, deal, rows, heard, named, process, slug):
        self.deal, self.rows, self.heard, self.named, self.process = deal, rows, heard, named, process
        self.lengths = STAGE_DAYS[slug]
        self.days = [row["day"] for row in rows]
        self.entered = []
        for before, row in pairwise([{"to_stage_id": None}, *rows]):
            stays = before["to_stage_id"] == row["to_stage_id"]
            self.entered.append(self.entered[-1] if stays else row["day"])

    def on(self, day):
        """(stage definition, is proven, expected close) where it was open as that day began, else None."""
        number = bisect_right(self.days, day - timedelta(days=1))
        row = self.rows[number - 1] if number else None
        if row is None or row["to_status"] != Status.OPEN or row["to_stage_id"] not in self.process:
            return None
        stage = self.process.stage(row["to_stage_id"])
        if not stage.counts_as_pipeline:
            return None
        last = bisect_right(self.heard, day - timedelta(days=1))
        proven = row["kind"] in GATED and last and (day - self.heard[last - 1]).days <= HEARD
        return stage, bool(proven), self._close(day, stage, row["day"])

    def _close(self, day, stage, entered):
        if self.deal.is_live and self.deal.expected_close and self.deal.expected_close >= day:
            return self.deal.expected_close
        known = [named for said, named in self.named if said < day]
        ahead = sum(self.lengths[self.process.index(stage.stage_id) :])
        close = known[-1] if known else entered + timedelta(days=ahead)
        return close if close >= day else day + timedelta(days=PUT_OFF)


def lives(world):
    """Five statements for all deals together."""
    organisation = world.organisation
    rows, heard, named = defaultdict(list), defaultdict(list), defaultdict(list)
    columns = ("deal_id", "kind", "to_stage_id", "to_status", "happened_at")
    for row in Transition.objects.order_by("deal_id", "seq").values(*columns):
        rows[row["deal_id"]].append({**row, "day": local_date(row["happened_at"], organisation)})
    talks = (
        Activity.objects.filter(from_buyer=True).order_by("happened_at").values_list("deal_id", "happened_at")
    )
    for deal, at in talks:
        heard[deal].append(local_date(at, organisation))
    said = Answer.objects.filter(criterion__slug__in=["decision_date", "signing_date"], day__isnull=False)
    for deal, at, day in said.order_by("recorded_at", "pk").values_list("deal_id", "recorded_at", "day"):
        named[deal].append((local_date(at, organisation), day))
    processes = {
        pipeline.pk: (world.processes.now(slug), slug) for slug, pipeline in world.processes.pipelines.items()
    }
    return [
        Life(deal, rows[deal.pk], heard[deal.pk], named[deal.pk], *processes[deal.pipeline_id])
        for deal in Deal.objects.order_by("pk")
    ]


def _nights(world, days, told):
    organisation, processes = (
        world.organisation,
        [world.processes.now(slug) for slug in world.processes.pipelines],
    )
    made = ForecastDay.objects.bulk_create(
        [ForecastDay(day=day, taken_at=start_of(day, organisation) + timedelta(minutes=1)) for day in days]
    )
    records, kept, rows = {}, [], []
    for night in made:
        if not records or night.day.day == 1 or night is made[-1]:
            records = history.by(night.day, processes)
            kept += nights.stage_records(night, records)
        rows += nights.forecast_rows(night, figures(told, night.day, records))
    ForecastRow.objects.bulk_create(rows, nights.BATCH)
    StageRecord.objects.bulk_create(kept, nights.BATCH)


def figures(told, day, records):
    """{(pipeline, owner, team, month): {column: value}} of the lives as that day began."""
    rows = defaultdict(lambda: dict.fromkeys([*expected.NAMES, "calibrated", "won"], Decimal(0)))
    for life in told:
        _won(rows, life, day)
        if stood := life.on(day):
            _add(rows, life, day, records, *stood)
    return rows


def _won(rows, life, day):
    end = life.rows[-1]
    month = periods.first_of("month", day)
    if end["to_status"] == Status.WON and month <= end["day"] < day:
        rows[_key(life.deal, month)]["won"] += life.deal.amount_base


def _key(deal, month):
    return deal.pipeline_id, deal.owner_id, deal.team_id, month


def _add(rows, life, day, records, stage, proven, close):
    money, part = life.deal.amount_base, "proven" if proven else "claimed"
    row = rows[_key(life.deal, periods.first_of("month", close))]
    row["deals"] += 1
    row[part] += money
    row[f"{part}_weighted"] += expected.cents(money * stage.probability / 100)
    if proven and stage.stage_id == life.process.last.stage_id:
        row["commit"] += money
    if proven and (stage.stage_id == life.process.last.stage_id or stage.probability >= expected.LIKELY):
        row["best_case"] += money
    _add_chances(rows, life, day, records[stage.stage_id], periods.first_of("month", close))


def _add_chances(rows, life, day, record, close):
    number = bisect_right(life.days, day - timedelta(days=1))
    age = (day - life.entered[number - 1]).days
    for month, first, last in months_ahead(day):
        chance = record.chance(age, first, last, close == month)
        money = expected.cents(life.deal.amount_base * Decimal(str(round(chance, 6))))
        rows[_key(life.deal, month)]["calibrated"] += money
