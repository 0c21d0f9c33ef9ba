"""Bringing a locked deal's stored columns in line after something it rests on changed."""

from team.calendar import local_date
from team.models import Organisation

from . import counts, waivers
from .gate import Reading

CLOCKS = ["last_buyer_activity_at", "awaiting_since"]


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
    deal.rev += 1
    deal.save(update_fields=columns)
    return reading
