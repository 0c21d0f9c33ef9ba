"""What two states of a process differ in, in plain words, and whether a gate asks more or less for it.

Both sides are snapshots: what a version keeps, or what `snapshots.snapshot` makes of the draft.
"""

from ..snapshots import snapshot
from .criteria import criteria_changes
from .parts import Parts
from .reasons import heading_changes, reason_changes
from .shapes import Change, Difference, Mark
from .stages import stage_changes
from .timers import timer_changes

__all__ = ["Change", "Difference", "Mark", "difference", "of_draft", "of_versions"]

NOTHING = {"stages": [], "rules": []}


def difference(old, new, *, heading=False) -> Difference:
    """From one snapshot to another. `heading`: the name and the owner too, which no publication puts in force."""
    before, after = Parts(old or NOTHING), Parts(new)
    changes = heading_changes(before, after) if heading else []
    changes += stage_changes(before, after)
    changes += criteria_changes(before, after)
    changes += timer_changes(before, after)
    changes += reason_changes(before, after)
    return Difference(tuple(sorted(changes, key=lambda change: _place(change, before, after))))


def of_draft(pipeline) -> Difference:
    """What publishing the draft would change; everything is new where nothing is in force yet."""
    return difference(pipeline.version.snapshot if pipeline.version_id else None, snapshot(pipeline))


def of_versions(old, new) -> Difference:
    return difference(old.snapshot, new.snapshot, heading=True)


def _place(change, before, after):
    """Stage by stage in the order they will have, those that leave at the end, the whole pipeline first."""
    if change.stage_id is None:
        return -1
    last = len(after.order)
    return after.index.get(change.stage_id, last + before.index.get(change.stage_id, 0))
