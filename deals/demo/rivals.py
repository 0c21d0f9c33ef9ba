"""Competitors of the demo company: who won the deals that were lost to one, and where else they were seen."""

from ..models import Competitor, Deal, Kind, Rivalry, Status, Transition
from .names import COMPETITORS
from .plan_closed import TAKEN

# Of the deals won and of the open ones, each so-manieth met a competitor.
WON_EACH, OPEN_EACH = 4, 9


def make(world):
    """Rows from what the ledger says of losses; of other deals in turn."""
    known = {name: Competitor.objects.get_or_create(name=name)[0] for name in COMPETITORS}
    lost = Transition.objects.filter(kind=Kind.LOSE, reason__startswith="They chose ").order_by("pk")
    rows = [
        _row(row.deal_id, row, known[name], Rivalry.State.LOST_TO) for row in lost if (name := _named(row))
    ]
    rows += _met(known, Status.WON, WON_EACH, [Rivalry.State.SEEN])
    rows += _met(known, Status.OPEN, OPEN_EACH, [Rivalry.State.SEEN, Rivalry.State.WINNING])
    Rivalry.objects.bulk_create(rows)


def _named(row):
    name = row.reason.removeprefix("They chose ").rstrip(".")
    return name if name in TAKEN else ""


def _row(deal_id, row, competitor, state):
    return Rivalry(
        deal_id=deal_id, competitor=competitor, state=state, stage_id=row.to_stage_id, by_id=row.owner_id,
        at=row.happened_at,
    )  # fmt: skip


def _met(known, status, each, states):
    """Every so-manieth deal of a status, the competitors and the states in turn, noted as it came where it is."""
    deals = list(Deal.objects.filter(status=status).order_by("created_at", "name")[::each])
    last = {row.deal_id: row for row in Transition.objects.filter(deal__in=deals).order_by("deal", "seq")}
    return [
        _row(deal.pk, last[deal.pk], known[COMPETITORS[n % len(COMPETITORS)]], states[n % len(states)])
        for n, deal in enumerate(deals)
    ]
