"""Many deals at once for tests of the board, and how to read what it shows."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals import moves
from deals.models import Deal, Status
from deals.moves.many import recount_made
from pipeline.models import Stage
from pipeline.process import process_of

from . import factories as f


def fill(pipeline, owner, count, *, spread=True, company=None, **columns):
    """`count` deals by the import's doors, over all stages or in the first; every fifth without a next step."""
    process, now = process_of(pipeline), timezone.now()
    company, team = company or f.make_company(), columns.pop("team", None) or owner.teams.first()
    specifications = [
        {"name": f"Deal {n}", "company": company, "owner": owner, "team": team, "amount": Decimal(1000 + n),
         **step(n), **columns}
        for n in range(count)
    ]  # fmt: skip
    deals = moves.create_many(process, specifications, by=None, now=now, batch="b")
    if spread:
        stages = [stage.stage_id for stage in process.stages]
        places = [(deal, stages[n % len(stages)], Status.OPEN, now, None) for n, deal in enumerate(deals)]
        moves.land_many(
            process, [place for place in places if place[1] != stages[0]], by=None, now=now, batch="b"
        )
    recount_made(process, deals, f.today())
    return list(Deal.objects.filter(pk__in=[deal.pk for deal in deals]))


def step(n):
    return {} if n % 5 == 0 else {"next_step": "Call", "next_step_on": f.today() + timedelta(days=n % 9 - 3)}


def column(html, stage):
    """The markup of one column, by stage or by "re_engaging"."""
    mark = f'data-status="{stage}"' if isinstance(stage, str) else f'data-stage="{stage.pk}"'
    sections = html.split("<section ")[1:]
    return next(section for section in sections if mark in section.split(">")[0])


def deals_in(markup):
    return [int(found) for found in re.findall(r'data-deal="(\d+)"', markup)]


def words(markup):
    """The text without tags, spaces folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def card(html, deal):
    """The markup of one card."""
    start = html.index(f'<li id="deal-{deal.pk}">')
    return html[start : html.index("</li>", start)]


def refused(pipeline, rep):
    """A deal whose owner tried to move on too early."""
    deal = f.make_deal(pipeline, rep)
    with pytest.raises(moves.GateClosed):
        moves.advance(deal.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=1, by=rep)
    return deal


def stage_of(deal):
    return Stage.objects.get(pk=deal.stage_id)
