"""Bringing a locked deal's stored columns in line after something it rests on changed."""

from team.calendar import calendar_of, local_date
from team.models import Organisation

from . import counts
from .gate import Reading
from .models import Status
from .timers import due_stored, rule_tasks
from .waiving import waivers

CLOCKS = [
    "last_buyer_activity_at", "awaiting_since", "held_days", "awaiting_held_days", "paused_on", "paused_until",
    "was_paused_until",
]  # fmt: skip


def settle(deal, process, now, *, reading=None, also=()):
    """Recount the deal and save its counts, clocks and the columns named in `also`. The deal must be locked.

    An exception whose criteria hold now, or that the deal no longer stands behind, ends here.

    Returns the Reading the counts were made from.
    """
    if reading is None:
        if also:  # facts are read from the table
            deal.save(update_fields={*also})
        reading = Reading(deal, process, local_date(now, Organisation.current()))
    columns = {*also, *CLOCKS, "rev"}
    if deal.stage_id in process:
        for column, value in counts.of_reading(reading).items():
            setattr(deal, column, value)
        columns |= set(counts.COLUMNS)
    columns |= waivers.follow(deal, reading, now)
    if due_stored.follow(deal, process):
        rule_tasks.cancel_stale(deal, process, calendar_of(deal.team_id), now)
    columns |= set(due_stored.COLUMNS)
    deal.rev += 1
    deal.save(update_fields=columns)
    if _came_back(deal):
        from .moves.heard import bring_back  # the door settles, too

        bring_back(deal, process, now)
    return reading


def _came_back(deal):
    """Whether the buyer acted, in this transaction, on a deal that silence had taken away and still has."""
    heard, deal.heard_as = deal.heard_as, ""
    return heard == deal.status and heard in (Status.RE_ENGAGING, Status.ARCHIVED)
