"""Moving a deal, and asking beforehand what a move would take."""

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query

from deals import moves as door_of_deals
from deals.answers import AnswerErrors
from deals.evidence.judging import House
from deals.forms import MoveForm
from deals.gate import Judgement, Reading
from deals.models import LEGAL, Kind, Source
from deals.moves.door import not_legal
from deals.views.access import editable_deal, visible_deal
from pipeline.process import process_of
from team.calendar import local_date
from team.digits import number_in

from . import answering, bodies, fields, paging, shapes
from .deals import as_told
from .door import operation
from .lists import DealList, listed
from .models import Scope

# word of `to` -> kind of the ledger row, and what the move asks beside the gate
WORDS = {
    "won": (Kind.WIN, []),
    "lost": (Kind.LOSE, ["loss_reason"]),
    "archived": (Kind.ARCHIVE, []),
    "paused": (Kind.PAUSE, ["reason"]),
    "resume": (Kind.RESUME, []),
    "return": (Kind.RETURN, []),
    "reopen": (Kind.REOPEN, ["reason"]),
    "undo": (Kind.UNDO, []),
}


@operation("GET", "/deals/{int:deal_id}/gate", shapes.Gate, tag="Deals")
def ask_gate(request, deal_id: int, to: str = ""):
    """What a move would ask, criterion by criterion. Without "to": the next stage, or won from the last."""
    deal = visible_deal(request, deal_id)
    process = process_of(deal.pipeline)
    to = to or _onward(deal, process)
    kind, needs = _kind_of(deal, process, to)
    if kind != Kind.UNDO and kind not in LEGAL[deal.status]:
        raise door_of_deals.IllegalMove(not_legal(deal))
    judgement = _judgement(deal, process, kind, to)
    found = fields.findings(judgement.findings, process, House.current())
    return shapes.Gate(
        deal=deal.pk, to=to, kind=kind, seq=deal.seq, needs=needs, criteria=found, holds=judgement.holds
    )


def _onward(deal, process):
    after = process.stage_after(deal.stage_id) if deal.stage_id in process else process.entry
    return str(after.stage_id) if after else "won"


def _kind_of(deal, process, to):
    """(kind, needs) of the move that `to` stands for. UnknownTarget where it stands for none."""
    if to in WORDS:
        kind, needs = WORDS[to]
        return kind, ["amount"] if kind == Kind.WIN and not deal.amount else needs
    if (stage_id := number_in(to)) is None:
        raise door_of_deals.UnknownTarget(_("This is no stage and no move."))
    if stage_id not in process:
        raise door_of_deals.UnknownTarget(_("This stage is not one of the deal's pipeline."))
    if deal.stage_id not in process or process.index(stage_id) < process.index(deal.stage_id):
        return Kind.BACK, ["reason"]
    if stage_id == deal.stage_id:
        raise door_of_deals.IllegalMove(_("The deal is not in an earlier stage."))
    return Kind.ADVANCE, []


def _judgement(deal, process, kind, to):
    if kind not in (Kind.ADVANCE, Kind.WIN):
        return Judgement()
    if deal.stage_id not in process:
        raise door_of_deals.IllegalMove(_("The deal is not in an earlier stage."))
    reading = Reading(deal, process, local_date(timezone.now()))
    return reading.for_move(None if kind == Kind.WIN else int(to))


@operation("POST", "/deals/{int:deal_id}/moves", shapes.Deal, scope=Scope.MOVE, tag="Deals", whole=False)
def move_deal(request, deal_id: int, body: bodies.Move):
    """Move the deal, answering on the way what its gates ask. Refused with 422 and every open criterion."""
    deal = editable_deal(request, deal_id)
    sent = answering.typed(body, **_move_fields(body))
    form = MoveForm(sent)
    if form.errors:
        raise AnswerErrors(form.errors)
    answering.check_files(deal, body)
    arguments = form.arguments(process_of(deal.pipeline))
    door_of_deals.move(deal_id, form.to, by=request.user, deal=deal, source=Source.API, **arguments)
    return as_told(deal_id)


def _move_fields(body):
    found = {"to": body.to, "key": body.key, "reason": body.reason, "loss_reason": body.loss_reason}
    amount = None if body.amount is None else f"{body.amount:.2f}"
    wait = {"until": body.until and body.until.isoformat(), "nurture": "1" if body.nurture else ""}
    kept = {name: value for name, value in {**found, **wait, "amount": amount}.items() if value}
    return {**kept, "seen_seq": body.seen_seq}


class Transitions(listed(shapes.Transition)):
    """The deal's ledger."""


@operation("GET", "/deals/{int:deal_id}/transitions", Transitions, tag="Deals")
def list_transitions(request, deal_id: int, asked: Query[DealList]):
    """The deal's history: every move, from its beginning."""
    rows = visible_deal(request, deal_id).transitions.select_related(
        "from_stage", "to_stage", "actor", "approver", "loss_reason", "version"
    )
    return Transitions(**paging.page(rows, asked.cursor, asked.limit, shapes.Transition.of))
