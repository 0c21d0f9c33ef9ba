"""What follows from a publication for deals: where they stand, answers judged anew, reasons offered, counts rewritten.

All of it is set-based and concerns only what changed; it happens in the transaction of publish().
"""

from django.utils import timezone

from pipeline.former import process_before
from pipeline.models.fields import lines
from pipeline.process import process_of
from pipeline.vocabulary import Kind
from team.calendar import local_date
from team.models import remembered

from .. import counts
from ..answers.approving import redate
from ..asking import exceptions
from ..evidence.judging import House
from ..evidence.rejudging import rejudge_criterion
from ..models import Answer, Deal, LossReason
from ..tightening import binding
from ..tightening.changes import Changes, judged_alike
from . import surgery
from .publication_steps import Steps
from .reclocking import Reclock
from .recounting import Recount


def recount(publication):
    """Observer of publish(): bring everything derived from the process up to date, in its transaction."""
    offer_reasons(publication.pipeline)
    if publication.version.number == 1 or _concerns_nobody(publication.pipeline):
        return
    with remembered():
        _follow(publication, process_before(publication.version), process_of(publication.pipeline))


def _concerns_nobody(pipeline):
    """No deal follows this process, and none that went elsewhere has answered it."""
    answers = Answer.objects.filter(criterion__stage__pipeline=pipeline)
    return not Deal.objects.filter(pipeline=pipeline).exists() and not answers.exists()


def _follow(publication, old, new):
    house = House.current()
    today = local_date(timezone.now(), house.organisation)
    _catch_up(old, today)
    changes = Changes(old, new, frozenset(publication.binding))
    counted, judged = Recount(changes, today), _judged_otherwise(changes)
    gone = surgery.held_by_gone(old, new)
    clocks = Reclock(old, new, [pk for ids in gone.values() for pk in ids])
    moving = sum(surgery.chunks(ids) for ids in gone.values())
    with Steps(new.pipeline_id, _work(counted, judged, moving, clocks)) as steps:
        counted.take_away()
        steps.taken(_LOOKED * counted.is_needed)
        moved = surgery.remap(publication, old, new, gone, steps.taken)
        binding.write(publication, old, new, today)
        _rejudge(changes, judged, house, steps)
        binding.left_all(new)
        counted.add(moved)
        steps.taken(_COUNTED * counted.is_needed + moving)
        exceptions.mend(changes, moved, timezone.now())
        clocks.set(steps.taken)


# What takes how long, against moving or setting the clocks of 2,000 deals.
_LOOKED, _JUDGED, _COUNTED = 2, 5, 8


def _work(counted, judged, moving, clocks):
    """How many steps the publication has. Who moves is moved and counted."""
    counting = (_LOOKED + _COUNTED) * counted.is_needed
    return counting + _JUDGED * len(judged) + 2 * moving + clocks.steps


def _catch_up(old, today):
    """What the tick would still have to do today, so that what is stored is what the old process counts."""
    binding.end(old, today)
    live = Deal.objects.made().live().filter(pipeline=old.pipeline_id)
    counts.recount(old, today, live.filter(stands_until__lt=today))


def _judged_otherwise(changes):
    """Definitions of criteria that ask otherwise, or are asked again after a time."""
    return [d for d in changes.new.by_criterion.values() if _asks_otherwise(changes, d)]


def _asks_otherwise(changes, definition):
    before = changes.old.by_criterion.get(definition.criterion_id)
    anew = before is None or definition.criterion_id in changes.rebound
    return anew or not judged_alike(before, definition)


def _rejudge(changes, judged, house, steps):
    for definition in judged:
        before = changes.old.by_criterion.get(definition.criterion_id)
        if definition.kind == Kind.APPROVAL:
            _redate(before, definition, house)
        known = None if definition.criterion_id in changes.rebound else before
        rejudge_criterion(definition, house, before=known)
        steps.taken(_JUDGED)


def _redate(before, definition, house):
    if before is None or before.expires_after_days != definition.expires_after_days:
        redate(definition, house)


def offer_reasons(pipeline):
    """Make the loss reasons a process names selectable."""
    lost, disqualified = lines(pipeline.lost_reasons), lines(pipeline.disqualified_reasons)
    named = dict.fromkeys(lost, False) | dict.fromkeys(
        (name for name in disqualified if name not in lost), True
    )
    if not named:
        return
    known = set(LossReason.objects.filter(name__in=named).values_list("name", flat=True))
    LossReason.objects.bulk_create(
        (
            LossReason(name=name, disqualifies=disqualifies, position=position)
            for position, (name, disqualifies) in enumerate(named.items(), 1)
            if name not in known
        ),
        ignore_conflicts=True,  # another process that names it is published at the same time
    )
