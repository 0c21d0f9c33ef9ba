"""Demonstration history: what was edited of some deals lately, and how each stood on the last two Mondays.

Stage, status and amount of a Monday are what the ledger and the edits say. Whether a deal was proven then is read from
what is stored of it today (gates, proofs, exception, next step), judged by the Monday's date; a deal won since was
proven, one lost since as long as its buyer had been heard within two weeks. Nothing of a real company is made up so.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import BooleanField, Case, Q, When

from deals import edits
from deals.models import CLOSED_STATUSES, LIVE, Deal, FieldChange, Status, Transition, proven_condition
from pipeline.models import Stage
from team.calendar import grace_date, start_of

from .. import causes
from ..models import Standing, StandingNight
from ..standing import standings

# The deals with a story of their own are left as they are told.
STORIES = 14
# (days ago, what the amount became), (days ago, by how many days the close was pushed): deal after deal.
AMOUNTS = [(6, "1.12"), (3, "0.9"), (2, "1.06"), (10, "0.85"), (4, "0.94")]
PUSHES = [((12, 21),), ((9, 14), (2, 30)), ((4, 45),), ((20, 20), (11, 25), (3, 21)), ((5, 60),), ((1, 15),)]
# Below it an edit would not be seen.
LARGE = 30_000
HEARD = timedelta(days=14)


def make(world):
    """Edits first: what they changed is part of how the deals stood before."""
    _edit(world)
    this = world.clock.t - timedelta(days=world.clock.t.weekday())
    for day in (this - timedelta(days=7), this):
        _write(day, world)


def _edit(world):
    told = Deal.objects.order_by("pk").values_list("pk", flat=True)[:STORIES]
    deals = Deal.objects.open().exclude(pk__in=list(told)).select_related("owner", "stage").order_by("pk")
    young = [deal for deal in deals if deal.stage.position in (3, 4) and deal.amount >= LARGE]
    closing = [deal for deal in deals if deal.expected_close and deal.stage.position > 4]
    for deal, (ago, factor) in zip(young[::3], AMOUNTS, strict=False):
        amount = (deal.amount * Decimal(factor) / 500).quantize(Decimal(1)) * 500
        _change(world, deal, "amount", {"amount": str(amount)}, ago)
    for deal, pushes in zip(closing[::2], PUSHES, strict=False):
        for ago, days in pushes:
            close = deal.expected_close = deal.expected_close + timedelta(days=days)
            _change(world, deal, "expected_close", {"expected_close": close.isoformat()}, ago)


def _change(world, deal, name, typed, ago):
    now = world.clock.at(0, 0, 6)
    rev = Deal.objects.values_list("rev", flat=True).get(pk=deal.pk)
    edits.change(deal.pk, name, typed, by=deal.owner, rev=rev, now=now)
    FieldChange.objects.filter(deal=deal, at=now).update(at=world.clock.at(-ago, 15))


@dataclass(frozen=True)
class Stood:
    stage_id: int
    status: str
    amount: Decimal
    expected_close: object
    proven: bool
    cause: str


def _write(day, world):
    """One night: rows that are no longer so end, those of that day begin."""
    moment = start_of(day, world.organisation)
    StandingNight.objects.create(day=day, taken_at=moment)
    stood = _stood(day, moment, world.organisation)
    rows = Standing.objects.filter(until__isnull=True)
    known = {row.deal_id: row for row in rows}
    gone = [pk for pk, row in known.items() if pk not in stood or stood[pk] != _of_row(row)]
    Standing.objects.filter(until__isnull=True, deal__in=gone).update(until=day)
    fresh = [pk for pk in stood if pk not in known or pk in set(gone)]
    Standing.objects.bulk_create(Standing(deal_id=pk, since=day, **vars(stood[pk])) for pk in fresh)


def _of_row(row):
    return Stood(row.stage_id, row.status, row.amount, row.expected_close, row.proven, row.cause)


def _stood(day, moment, organisation):
    """{deal id: Stood} of deals that were live as the day began."""
    night = standings.Night(day, grace_date(day, organisation))
    deals = Deal.objects.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=moment), created_at__lt=moment)
    holds = Case(
        When(proven_condition(night.today, night.grace), then=True),
        default=False,
        output_field=BooleanField(),
    )
    deals = deals.with_proven(night.today, night.grace).annotate(holds=holds, why=causes.cause(night))
    places, earlier, counting = _places(deals, moment), _before(moment), _counting()
    found = {}
    for deal in deals:
        stage_id, status = places.get(deal.pk, (None, ""))
        if status not in LIVE:
            continue
        was = {"amount": deal.amount_base, "expected_close": deal.expected_close, **earlier.get(deal.pk, {})}
        proven, cause = _proven(deal, status, stage_id in counting, moment)
        found[deal.pk] = Stood(stage_id, status, was["amount"], was["expected_close"], proven, cause)
    return found


def _places(deals, moment):
    """{deal id: (stage, status)} by the last ledger row before."""
    rows = Transition.objects.filter(deal__in=deals.order_by().values("pk"), happened_at__lt=moment)
    return {
        pk: place for pk, *place in rows.order_by("deal", "seq").values_list("deal", "to_stage", "to_status")
    }


def _before(moment):
    """{deal id: {column: what it was}} of figures that were edited since."""
    found = {}
    for row in FieldChange.objects.filter(at__gte=moment).order_by("-at", "-pk"):
        old = row.old.partition(" ")[0]
        value = Decimal(old or 0) if row.field == "amount" else date.fromisoformat(old) if old else None
        found.setdefault(row.deal_id, {})[row.field] = value
    return found


def _counting():
    return set(Stage.objects.filter(counts_as_pipeline=True).values_list("pk", flat=True))


def _proven(deal, status, counts, moment):
    """(whether it counts as proven, else the cause)."""
    if status != Status.OPEN or not counts:
        return False, standings.EARLY if status == Status.OPEN else ""
    if deal.status in CLOSED_STATUSES:
        heard = deal.last_buyer_activity_at and deal.last_buyer_activity_at >= moment - HEARD
        proven = deal.status == Status.WON or bool(heard)
        return proven, "" if proven else causes.NO_STEP
    return (True, "") if deal.holds else (False, deal.why or causes.NO_STEP)
