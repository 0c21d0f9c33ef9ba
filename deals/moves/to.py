"""The word `to` of a move request: a stage's id, or the name of a move."""

from django.utils.translation import gettext as _

from pipeline.process import process_of
from team.digits import number_in

from ..models import Deal
from . import verbs
from .errors import UnknownTarget

WORDS = {
    "won": verbs.win,
    "lost": verbs.lose,
    "archived": verbs.archive,
    "paused": verbs.pause,
    "resume": verbs.resume,
    "return": verbs.come_back,
    "reopen": verbs.reopen,
    "undo": verbs.undo,
}
_TAKES = {
    "won": {"amount"},
    "lost": {"loss_reason", "reason"},
    "archived": {"reason"},
    "paused": {"reason", "until", "nurture"},
    "return": {"reason"},
    "reopen": {"reason"},
}


def move(
    deal_id,
    to,
    *,
    seen_seq,
    by,
    answers=(),
    reason="",
    loss_reason="",
    amount=None,
    until="",
    nurture=False,
    deal=None,
    **options,
):
    """Move a deal to where `to` says. Returns the deal; raises what the verb raises, UnknownTarget for nonsense.

    `deal` saves reading it once more, where it is at hand with its pipeline's version.
    """
    given = {"reason": reason, "loss_reason": loss_reason, "amount": amount}
    given |= {"until": until, "nurture": nurture}
    if to in WORDS:
        arguments = {name: given[name] for name in _TAKES.get(to, ())}
        return WORDS[to](deal_id, seen_seq=seen_seq, by=by, answers=answers, **arguments, **options)
    stage_id = _stage_id(to)
    verb = direction(deal or deal_id, stage_id)
    if verb is verbs.back:
        return verb(deal_id, to=stage_id, reason=reason, seen_seq=seen_seq, by=by, answers=answers, **options)
    return verb(deal_id, to=stage_id, seen_seq=seen_seq, by=by, answers=answers, **options)


def _stage_id(to):
    if (stage_id := number_in(str(to))) is None:
        raise UnknownTarget(_("This is no stage and no move."))
    return stage_id


def direction(deal, stage_id):
    """Whether that stage lies ahead or behind, by the process as it is now; the verb checks again when locked."""
    if not isinstance(deal, Deal):
        deal = Deal.objects.select_related("pipeline__version").get(pk=deal)
    process = process_of(deal.pipeline)
    if stage_id not in process or deal.stage_id not in process:
        return verbs.advance
    return verbs.back if process.index(stage_id) < process.index(deal.stage_id) else verbs.advance
