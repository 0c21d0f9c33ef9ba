"""Competitors in a deal: seen, ahead of us, or who won it. One row for each, with the stage it was noted in."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import OuterRef
from django.utils.translation import gettext as _

from team.digits import number_in

from ..edits import Unfit
from ..input import normalise
from ..locking import locked_deal
from ..models import Competitor, Rivalry, Status
from ..moves.errors import MissingInput
from ..rows.rows_within import RowsWithin

_COLUMNS = ["pk", "competitor_id", "competitor__name", "state", "note", "stage__name"]


def within():
    """What a deal's page shows of them, as values of the deal's own row."""
    noted = Rivalry.objects.filter(deal=OuterRef("pk")).order_by("competitor__name")
    offered = Competitor.objects.filter(is_active=True).order_by("name")
    return {
        "rivalries_noted": RowsWithin(noted, *_COLUMNS),
        "rivals_offered": RowsWithin(offered, "pk", "name"),
    }


@dataclass(frozen=True)
class Rivals:
    """Those of one deal, and whom somebody may choose."""

    noted: list
    offered: list
    states: list

    @classmethod
    def of(cls, deal):
        noted = [
            row | {"says": Rivalry.State(row["state"]).label} for row in getattr(deal, "rivalries_noted", [])
        ]
        states = [
            state for state in Rivalry.State if state != Rivalry.State.LOST_TO or deal.status == Status.LOST
        ]
        return cls(noted, getattr(deal, "rivals_offered", []), states)


@transaction.atomic
def note(deal_id, *, competitor, state, note, by, now):
    """Put a competitor on record for a deal, or change what is there. Raises Unfit. Returns the Rivalry."""
    deal, _process = locked_deal(deal_id)
    errors, found = {}, _offered(competitor, deal)
    if found is None:
        errors["competitor"] = _("Choose a competitor of the list.")
    if state not in Rivalry.State:
        errors["state"] = _("Say how it stands.")
    elif state == Rivalry.State.LOST_TO and deal.status != Status.LOST:
        errors["state"] = _("A deal is lost to somebody once it is lost.")
    if normalise.has_unstorable(note):
        errors["note"] = _("This contains a character that cannot be stored.")
    if errors:
        raise Unfit(errors)
    if state == Rivalry.State.LOST_TO:
        return lost_to(deal, found, by=by, now=now, note=normalise.clean(note)[:500])
    return _written(deal, found, state, by, now, note=normalise.clean(note)[:500])


def _offered(text, deal=None):
    """The competitor of that id that is offered, or noted on the deal already; None where there is none."""
    found = Competitor.objects.filter(pk=number_in(text)).first()
    known = found and (found.is_active or (deal and deal.rivalries.filter(competitor=found).exists()))
    return found if known else None


def _written(deal, competitor, state, by, now, **more):
    columns = {"state": state, "by": by, "at": now, "stage_id": deal.stage_id, **more}
    return Rivalry.objects.update_or_create(deal=deal, competitor=competitor, defaults=columns)[0]


def winner(text):
    """Whom a deal that is being lost goes to, from the dialog: a Competitor, or None where nothing was chosen."""
    if not text:
        return None
    found = _offered(text)
    if found is None:
        raise MissingInput({"competitor": _("Choose a competitor of the list.")})
    return found


def lost_to(deal, competitor, *, by, now, **more):
    """The deal was lost, and they won it. Nobody else did."""
    won = Rivalry.State.LOST_TO
    deal.rivalries.filter(state=won).exclude(competitor=competitor).update(
        state=Rivalry.State.SEEN, at=now, by=by
    )
    return _written(deal, competitor, won, by, now, **more)
