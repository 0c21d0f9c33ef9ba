"""The buyer acted on a deal that silence had taken away: it comes back, in the transaction that records the act."""

from django.utils.translation import gettext as _

from ..models import Kind, Source, Status
from .door import Context, Move
from .verbs import reopened


def bring_back(deal, process, now):
    """A re-engaging deal goes back to work in its stage; one that a rule archived is reopened. The deal is locked.

    Returns the deal as it stands then.
    """
    move = Move.of_locked(deal, process, Context(by=None, now=now, source=Source.RULE))
    if deal.status == Status.RE_ENGAGING:
        move.fire("return_to_work")
        move.write(Kind.RETURN, reason=_("The buyer answered."))
    elif move.last.kind == Kind.ARCHIVE and move.last.source == Source.RULE:
        reopened(move, _("The buyer answered after the archive."))
    return deal
