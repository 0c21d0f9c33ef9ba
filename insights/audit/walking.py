"""The review: the live deals of a stage one at a time, what the buyer has confirmed of each, and what is to become of
them. Decisions are kept in the session until they are carried out together."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from deals.gate import Reading
from deals.models import BulkAction, Deal
from pipeline.process import process_of

KEPT_IN = "audit_review"
MOST = 500
ARCHIVE, BACK, KEEP = "archive", "back", "keep"
# decision -> (its key, its words)
DECISIONS = {ARCHIVE: ("a", _("Archive")), BACK: ("b", _("Move back")), KEEP: ("s", _("Keep"))}
CARRIED_OUT = {ARCHIVE: BulkAction.ARCHIVE, BACK: BulkAction.BACK}
RELATED = ["company", "stage", "owner", "team", "pipeline__version"]


@dataclass(frozen=True)
class Place:
    """One deal of the walk, with its neighbours' ids; None at the ends."""

    deal: Deal
    number: int
    count: int
    before: int | None
    after: int | None


def queue(look):
    """Ids of the deals to walk, largest first."""
    return list(look.live().order_by("-amount_base", "pk").values_list("pk", flat=True))


def place(look, deal_id, decided):
    """The deal asked for, else the first that nobody has decided on, else the first."""
    ids = queue(look)
    if not ids:
        return None
    undecided = (pk for pk in ids if pk not in decided)
    here = deal_id if deal_id in ids else next(undecided, ids[0])
    at = ids.index(here)
    deal = Deal.objects.select_related(*RELATED).get(pk=here)
    before, after = (ids[at - 1] if at else None), (ids[at + 1] if at + 1 < len(ids) else None)
    return Place(deal, at + 1, len(ids), before, after)


@dataclass(frozen=True)
class Confirmed:
    """What a stage asks and what is known of it."""

    stage: object
    is_behind: bool
    findings: list


def matrix(deal, today):
    """[Confirmed] of the deal's stage and those before it: the buyer's words instead of notes; and its Reading."""
    process = process_of(deal.pipeline)
    reading = Reading(deal, process, today)
    if deal.stage_id not in process:
        return [], reading
    by_stage = {}
    for finding in [*reading.before(), *reading.here()]:
        by_stage.setdefault(finding.definition.stage_id, []).append(finding)
    here = process.index(deal.stage_id)
    found = [
        Confirmed(stage, at < here, by_stage[stage.stage_id])
        for at, stage in enumerate(process.stages[: here + 1])
        if stage.stage_id in by_stage
    ]
    return found, reading


def decisions(session):
    """{deal id: (decision, the seq that was seen)}"""
    return {int(pk): tuple(said) for pk, said in session.get(KEPT_IN, {}).items()}


def decide(session, deal, decision):
    """False where more are decided than one review carries out."""
    kept = session.get(KEPT_IN, {})
    if str(deal.pk) not in kept and len(kept) >= MOST:
        return False
    session[KEPT_IN] = {**kept, str(deal.pk): [decision, deal.seq]}
    return True


def forget(session, deal_ids):
    gone = {str(pk) for pk in deal_ids}
    session[KEPT_IN] = {pk: said for pk, said in session.get(KEPT_IN, {}).items() if pk not in gone}
