"""Deals whose lives are told by hand, so that every figure can be worked out on paper.

Day 0 is Monday, 2 March 2026; the stages are Qualify, Discover (qualifies), Propose, Close; no gate asks anything.
What the figures are is worked out in the tests, from this list:

 1 straight      begun 0, Discover 4, Propose 10, Close 20, won 24 with 1000
 2 jump          begun 0, Propose 6 (passes Discover), won 16 with 2000 (passes Close)
 3 re-entry      begun 1, Discover 5, Propose 9, back to Discover 12, Propose 18, lost 30: no decision
 4 fell back     begun 2, Discover 8, back to Qualify 10, archived 40
 5 stands        begun 3, Discover 13
 6 disqualified  begun 3, disqualified 7
 7 late          begun 4, Discover 6, Propose 14, disqualified 20
 8 landed        imported: begun 0 elsewhere, stood in Propose from 20; lost 50: price
 9 landed won    imported: begun 0 elsewhere, won in Close on day 30 with 3000
10 reopened      begun 5, Discover 9, lost 15, reopened 20
11 slip          begun 6, Discover 10, undone 11, lost 20: no decision
12 paused        begun 0, Discover 2, paused 4, resumed 14, Propose 20
13 older         begun -20, Discover -10, back to Qualify 3, Discover 5, Propose 15
"""

from datetime import date, timedelta
from decimal import Decimal

from deals import moves
from deals.models import Deal, ImportBatch, Status
from insights.lens import Lens
from pipeline.models import Pipeline
from pipeline.process import process_of

from .. import factories as f

ZERO = date(2026, 3, 2)
TOLD = {
    "straight": (0, 1000, "to Discover 4", "to Propose 10", "to Close 20", "won 24"),
    "jump": (0, 2000, "to Propose 6", "won 16"),
    "re-entry": (1, 400, "to Discover 5", "to Propose 9", "back Discover 12", "to Propose 18", "lost 30 No decision"),
    "fell back": (2, 500, "to Discover 8", "back Qualify 10", "archived 40"),
    "stands": (3, 600, "to Discover 13"),
    "disqualified": (3, 700, "lost 7 No fit"),
    "late": (4, 800, "to Discover 6", "to Propose 14", "lost 20 No fit"),
    "reopened": (5, 900, "to Discover 9", "lost 15 Price", "reopened 20"),
    "slip": (6, 100, "to Discover 10", "undone 11", "lost 20 No decision"),
    "paused": (0, 200, "to Discover 2", "paused 4", "resumed 14", "to Propose 20"),
    "older": (-20, 300, "to Discover -10", "back Qualify 3", "to Discover 5", "to Propose 15"),
}  # fmt: skip
LANDED = {
    "landed": (0, 1500, "Propose", 20, Status.OPEN, "lost 50 Price"),
    "landed won": (0, 3000, "Close", 30, Status.WON),
}


def day(number):
    return ZERO + timedelta(days=number)


def at(number):
    return f.at(day(number))


def tell(pipeline, owner, told=TOLD, landed=LANDED, **columns):
    """{name: deal}, every life lived to its end."""
    f.make_loss_reason("No decision")
    f.make_loss_reason("Price")
    f.make_loss_reason("No fit", disqualifies=True)
    found = {}
    for name, (begun, amount, *hops) in told.items():
        found[name] = f.make_deal(
            pipeline,
            owner,
            name=name,
            amount=Decimal(amount),
            amount_base=Decimal(amount),
            now=at(begun),
            **columns,
        )
        for hop in hops:
            take(found[name], hop)
    return found | _land(pipeline, owner, landed, columns)


def take(deal, hop):
    """'to Propose 6', 'back Qualify 10', 'won 24', 'lost 30 Price', 'archived 40', 'undone 11', ..."""
    verb, *words = hop.split(" ")
    who = {"seen_seq": None, "by": None}
    if verb in ("to", "back"):
        move = moves.advance if verb == "to" else moves.back
        more = {} if verb == "to" else {"reason": "Not so far yet"}
        target = f.stage_of(deal.pipeline, words[0]).pk
        return move(deal.pk, to=target, now=at(int(words[1])), **more, **who)
    now = at(int(words[0]))
    if verb == "lost":
        return moves.lose(deal.pk, loss_reason=" ".join(words[1:]), now=now, **who)
    if verb == "paused":
        until = day(int(words[0]) + 60).isoformat()
        return moves.pause(deal.pk, reason="Budget year", until=until, now=now, **who)
    if verb == "reopened":
        return moves.reopen(deal.pk, reason="They came back", now=now, **who)
    verbs = {"won": moves.win, "archived": moves.archive, "undone": moves.undo, "resumed": moves.resume}
    return verbs[verb](deal.pk, now=now, **who)


def _land(pipeline, owner, landed, columns):
    process = process_of(Pipeline.objects.select_related("version").get(pk=pipeline.pk))
    batch = ImportBatch.objects.create(name="old.csv", started_at=at(60))
    found = {}
    for name, (begun, amount, stage, landed_on, status, *hops) in landed.items():
        specification = {
            "name": name, "company": f.make_company(), "owner": owner, "team": owner.teams.first(),
            "amount": Decimal(amount), "amount_base": Decimal(amount), "at": at(begun), "import_batch": batch,
            **columns,
        }  # fmt: skip
        deals = moves.create_many(process, [specification], by=None, now=at(landed_on), batch=str(batch.pk))
        landing = (deals[0], f.stage_of(pipeline, stage).pk, status, at(landed_on), None)
        moves.land_many(process, [landing], by=None, now=at(landed_on), batch=str(batch.pk))
        found[name] = Deal.objects.get(pk=deals[0].pk)
        for hop in hops:
            take(found[name], hop)
    return found


def spring(user, start=0, end=90, **asked):
    """The lens on those ninety days, looked through on day 120."""
    return Lens(user, at(120), "own", day(start), day(end), **asked)
