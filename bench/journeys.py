"""What happened to each deal, made up from a seed: how far it came, how it ended, when, and for how much."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from deals.models import Kind, Status

# Share of all deals in %, by status; closed ones spread over 18 months, live ones over four.
STATUSES = {
    Status.OPEN: 35, Status.RE_ENGAGING: 3, Status.PAUSED: 2, Status.WON: 15, Status.LOST: 30, Status.ARCHIVED: 15,
}  # fmt: skip
STAGE_WEIGHTS = [18, 20, 18, 16, 13, 9, 6]
ENDS = {
    Status.RE_ENGAGING: Kind.RE_ENGAGE, Status.PAUSED: Kind.PAUSE, Status.WON: Kind.WIN, Status.LOST: Kind.LOSE,
    Status.ARCHIVED: Kind.ARCHIVE,
}  # fmt: skip
LIVE = (Status.OPEN, Status.RE_ENGAGING, Status.PAUSED)
RATES = {"EUR": Decimal(1), "USD": Decimal("0.92"), "GBP": Decimal("1.17")}


@dataclass
class Hop:
    """One ledger row to be: its kind, where it leads, when."""

    kind: str
    stage: int
    status: str
    at: object
    passed: list = field(default_factory=list)


@dataclass
class Journey:
    """A deal's way, `hops` after its creation."""

    created_at: object
    hops: list
    status: str
    stage: int

    @property
    def is_live(self):
        return self.status in LIVE

    @property
    def stage_entered_at(self):
        """When it last changed its stage."""
        moved = [hop.at for hop in self.hops if hop.kind in (Kind.ADVANCE, Kind.BACK)]
        return moved[-1] if moved else self.created_at

    @property
    def closed_at(self):
        return None if self.is_live else self.hops[-1].at


def journey(random, stages, now):
    """A way through that many stages that ends before `now`."""
    status = random.choices(list(STATUSES), STATUSES.values())[0]
    weights = (STAGE_WEIGHTS * stages)[:stages]
    stage = stages - 1 if status == Status.WON else random.choices(range(stages), weights)[0]
    hops = list(_advances(random, stage))
    if status in ENDS:
        hops.append(Hop(ENDS[status], stage, status, None))
    oldest = 120 if status in LIVE else 540
    created_at = now - timedelta(days=random.uniform(1, oldest))
    _date(random, hops, created_at, now)
    return Journey(created_at, hops, status, stage)


def _advances(random, goal):
    """Stage by stage, now and then over one, now and then back and forward again."""
    stage = 0
    while stage < goal:
        step = 2 if stage + 2 <= goal and random.random() < 0.05 else 1
        yield Hop(Kind.ADVANCE, stage + step, Status.OPEN, None, list(range(stage + 1, stage + step)))
        stage += step
        if random.random() < 0.02:
            stage -= step
            yield Hop(Kind.BACK, stage, Status.OPEN, None)


def _date(random, hops, created_at, now):
    span = (now - created_at) * random.uniform(0.4, 0.98)
    for number, hop in enumerate(hops, 1):
        hop.at = created_at + span * number / len(hops)


def money(random):
    """(amount, currency, amount in euros); a few deals have no amount yet."""
    if random.random() < 0.06:
        return None, "EUR", Decimal(0)
    amount = Decimal(round(random.lognormvariate(10.5, 0.9), -2)).quantize(Decimal("0.01"))
    currency = random.choices(list(RATES), [90, 6, 4])[0]
    return amount, currency, (amount * RATES[currency]).quantize(Decimal("0.01"))
