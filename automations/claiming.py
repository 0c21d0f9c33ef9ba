"""Taking what is due: locked, so that of several workers each takes other deals, and with what has fired for each."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import JSONObject

from deals.models import LEGAL, ClocksToFollow, Deal, Firing, Status
from deals.moves import LEADS_TO
from deals.timers import due, due_stored
from pipeline.models import RuleDefinition
from pipeline.process import Process, process_known
from pipeline.vocabulary import RuleAction

from .models import Hold, HoldReason, Setback

RUNNING = [Status.OPEN, Status.RE_ENGAGING]
_MOVES = [RuleAction.RE_ENGAGE, RuleAction.ARCHIVE]
_REMEMBERED = ["key", "occurrence", "fired_at", "state", "ended_at", "kept_until"]


def due_deals(now):
    """Live deals for which something is due, without what is held back. One condition for sweep, counts and pages."""
    found = Deal.objects.filter(next_due_at__lte=now, status__in=RUNNING)
    return found.exclude(_held_back())


def _held_back():
    holds = Hold.objects.filter(released_at__isnull=True)
    whole = holds.filter(reason__in=[HoldReason.SKEW, HoldReason.BACKWARDS])
    archives = holds.filter(Q(reason=HoldReason.GAP) | Q(pipeline=OuterRef("pipeline")))
    # How many it would be is known once their clocks followed the process.
    unknown = ClocksToFollow.objects.filter(pipeline=OuterRef("pipeline"))
    return Q(next_due_rule__action__in=_MOVES) & Q(Exists(whole)) | (
        Q(next_due_rule__action=RuleAction.ARCHIVE) & (Q(Exists(archives)) | Q(Exists(unknown)))
    )


@dataclass(slots=True)
class Claimed:
    """A due deal as it is read for its rules: what they ask of it and no more, without an instance of the model."""

    pk: int
    name: str
    company_id: int
    pipeline_id: int
    stage_id: int
    status: str
    seq: int
    owner_id: int
    next_owner_id: int
    team_id: int
    next_step_on: date | None
    amount: Decimal | None
    currency: str
    amount_base: Decimal
    expected_close: date | None
    stage_entered_at: datetime | None
    created_at: datetime
    known_since: datetime | None
    last_buyer_activity_at: datetime | None
    awaiting_since: datetime | None
    next_due_at: datetime | None
    next_due_rule_id: int | None
    held_days: int
    awaiting_held_days: int
    is_set_aside: bool
    version_token: str
    next_due_rule: RuleDefinition | None = None
    obeyed: Process | None = None

    def __str__(self):
        return self.name

    @property
    def process(self):
        """What it obeys. Read when it is asked for: one that cannot be read holds up its own deals alone."""
        if self.obeyed is None:
            self.obeyed = process_known(self.version_token, self.pipeline_id)
        return self.obeyed

    def follow(self, kind):
        """Stand as a move of this kind will leave it."""
        if kind not in LEGAL[self.status]:
            raise ValueError(f"{kind} is not legal from {self.status}")
        self.seq, self.status = self.seq + 1, LEADS_TO[kind]


_READ = [name for name in Claimed.__slots__ if name not in ("next_due_rule", "obeyed")]


def claim(now, most, ids=None):
    """Up to so many due deals, soonest first, locked until the transaction ends. Returns (deals, fired by deal id).

    Deals that another worker holds are left to it; `ids` narrows it to those.
    """
    found = due_deals(now) if ids is None else due_deals(now).filter(pk__in=ids)
    found = found.order_by("next_due_at", "pk").annotate(
        is_set_aside=Exists(Setback.objects.filter(deal=OuterRef("pk"))),
        version_token=F("pipeline__version__token"),
    )
    if connection.vendor != "postgresql":
        deals = [Claimed(*row) for row in found.values_list(*_READ)[:most]]
        return deals, due_stored.fired_of([deal.pk for deal in deals]) if deals else {}
    locked = found.select_for_update(of=("self",), skip_locked=True).annotate(fired_before=_fired_before())
    rows = list(locked.values_list(*_READ, "fired_before")[:most])
    return [Claimed(*row[:-1]) for row in rows], {row[0]: _remembered(row[-1]) for row in rows if row[-1]}


def _fired_before():
    """The firings of each deal, read by the same statement."""
    from django.contrib.postgres.expressions import ArraySubquery

    rows = Firing.objects.filter(deal=OuterRef("pk")).order_by()
    return ArraySubquery(rows.values(row=JSONObject(**{name: name for name in _REMEMBERED})))


def _remembered(rows):
    return {
        (row["key"], row["occurrence"]): due.Fired(
            datetime.fromisoformat(row["fired_at"]),
            row["state"],
            row["ended_at"] and datetime.fromisoformat(row["ended_at"]),
            row["kept_until"] and datetime.fromisoformat(row["kept_until"]).date(),
        )
        for row in rows
    }
