"""Small companies whose figures can be counted by hand: deals that stand, pass gates and end on named days."""

from datetime import timedelta
from decimal import Decimal

import time_machine
from django.utils import timezone

from deals import moves
from insights.lens import Lens
from pipeline.process import process_of

from .. import factories as f


def lens(user, **asked):
    return Lens.from_query(user, asked, timezone.now())


def ago(days):
    """The instant so many days ago."""
    return timezone.now() - timedelta(days=days)


def at(days, do, *args, **given):
    """Do it as if it were so many days ago. Returns what it returns."""
    with time_machine.travel(ago(days), tick=False):
        return do(*args, **given)


def stood(pipeline, owner, *stays, ended="win", **fields):
    """A deal that stood in the pipeline's first stages for so many days each, the last stay ending today.

    `ended`: 'win', 'lose', 'archive', or '' for one that still stands there. The gates of the pipeline are open.
    """
    process, left = process_of(pipeline), sum(stays)
    deal = at(left, f.make_deal, pipeline, owner, amount=fields.pop("amount", Decimal(1000)), **fields)
    for number, days in enumerate(stays[:-1]):
        left -= days
        to = process.stages[number + 1].stage_id
        deal = at(left, moves.advance, deal.pk, to=to, seen_seq=f.fresh(deal).seq, by=None)
        deal = f.fresh(deal)
    return end(deal, ended) if ended else f.fresh(deal)


def end(deal, how):
    """Win, lose or archive it now."""
    deal = f.fresh(deal)
    if how == "lose":
        given = {"loss_reason": f.make_loss_reason().name}
    else:
        given = {"reason": "No answer"} if how == "archive" else {}
    getattr(moves, how)(deal.pk, seen_seq=deal.seq, by=None, **given)
    return f.fresh(deal)
