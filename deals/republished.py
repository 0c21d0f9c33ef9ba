"""What follows from a publication for deals: answers judged anew, reasons offered, counts rewritten."""

from django.utils import timezone

from pipeline.models.fields import lines
from pipeline.process import process_of
from team.calendar import local_date

from . import counts
from .judging import House
from .models import Answer, LossReason
from .rejudging import rejudge


def recount(publication):
    """Observer of publish(): bring everything derived from the process up to date, in its transaction."""
    process = process_of(publication.pipeline)
    house = House.current()
    changed = Answer.objects.current().filter(criterion__in=publication.criteria)
    rejudge(changed, process, house)
    offer_reasons(publication.pipeline)
    counts.recount(process, local_date(timezone.now(), house.organisation))


def offer_reasons(pipeline):
    """Make the loss reasons a process names selectable."""
    named = [(name, False) for name in lines(pipeline.lost_reasons)]
    named += [(name, True) for name in lines(pipeline.disqualified_reasons)]
    for position, (name, disqualifies) in enumerate(named, 1):
        LossReason.objects.get_or_create(
            name=name, defaults={"disqualifies": disqualifies, "position": position}
        )
