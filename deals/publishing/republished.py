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
from ..rows.among import Among
from ..tightening import binding
from ..tightening.changes import Changes, judged_alike
from ..timers import due_stored
from . import surgery
from .publication_steps import Steps
from .recounting import Recount


def recount(publication):
    """Observer of publish(): bring everything derived from the process up to date, in its transaction."""
    offer_reasons(publication.pipeline)
    old, new = process_before(publication.version), process_of(publication.pipeline)
    if old is None or _concerns_nobody(publication.pipeline):
        return
    with remembered(), Steps(publication.pipeline.pk, 2 * len(new.stages) + len(new.by_criterion)) as steps:
        _follow(publication, old, new, steps)


def _concerns_nobody(pipeline):
    """No deal follows this process, and none that went elsewhere has answered it."""
    answers = Answer.objects.filter(criterion__stage__pipeline=pipeline)
    return not Deal.objects.filter(pipeline=pipeline).exists() and not answers.exists()


def _follow(publication, old, new, steps):
    house = House.current()
    today = local_date(timezone.now(), house.organisation)
    _catch_up(old, today)
    changes = Changes(old, new, frozenset(publication.binding))
    counted = Recount(changes, today, steps)
    counted.take_away()
    moved = surgery.remap(publication, old, new)
    binding.write(publication, old, new, today)
    _rejudge(changes, house, steps)
    binding.left_all(new)
    counted.add()
    counts.recount(new, today, Deal.objects.filter(Among("pk", moved)))
    exceptions.mend(new, timezone.now())
    if moved or timed(old) != timed(new):
        due_stored.follow_many(Deal.objects.made().live().filter(pipeline=new.pipeline_id))


def timed(process):
    """What the days of the clocks rest on, in no order: rules of as many days come as the database gives them."""
    return {rule.pk for rule in process.rules}, {(s.stage_id, s.target_days) for s in process.stages}


def _catch_up(old, today):
    """What the tick would still have to do today, so that what is stored is what the old process counts."""
    binding.end(old, today)
    live = Deal.objects.made().live().filter(pipeline=old.pipeline_id)
    counts.recount(old, today, live.filter(stands_until__lt=today))


def _rejudge(changes, house, steps):
    """Answers to criteria that ask otherwise, or are asked again after a time."""
    for criterion_id, definition in changes.new.by_criterion.items():
        before = changes.old.by_criterion.get(criterion_id)
        if definition.kind == Kind.APPROVAL:
            _redate(before, definition, house)
        if before is None or criterion_id in changes.rebound:
            rejudge_criterion(definition, house)
        elif not judged_alike(before, definition):
            rejudge_criterion(definition, house, before=before)
        steps.taken()


def _redate(before, definition, house):
    if before is None or before.expires_after_days != definition.expires_after_days:
        redate(definition, house)


def offer_reasons(pipeline):
    """Make the loss reasons a process names selectable."""
    named = [(name, False) for name in lines(pipeline.lost_reasons)]
    named += [(name, True) for name in lines(pipeline.disqualified_reasons)]
    for position, (name, disqualifies) in enumerate(named, 1):
        LossReason.objects.get_or_create(
            name=name, defaults={"disqualifies": disqualifies, "position": position}
        )
