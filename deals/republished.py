"""What follows from a publication for deals: answers judged anew, reasons offered, counts rewritten."""

from django.utils import timezone

from pipeline.models.fields import lines
from pipeline.process import process_of
from team.calendar import local_date

from . import counts
from .judging import House, judge
from .models import Answer, LossReason

_CHUNK = 500


def recount(publication):
    """Observer of publish(): bring everything derived from the process up to date, in its transaction."""
    process = process_of(publication.pipeline)
    house = House.current()
    rejudge(publication.criteria, process, house)
    offer_reasons(publication.pipeline)
    counts.recount(process, local_date(timezone.now(), house.organisation))


def rejudge(criterion_ids, process, house):
    """Judge the current answers of changed criteria again; retired criteria keep theirs as they are."""
    for criterion_id in criterion_ids & set(process.by_criterion):
        definition = process.by_criterion[criterion_id]
        answers = Answer.objects.current().filter(criterion=criterion_id)
        answers = answers.select_related("activity", "contact", "person")
        changed = []
        for answer in answers.iterator(chunk_size=_CHUNK):
            verdict = judge(answer, definition, house)
            new = (verdict.opens, verdict.flaw[:200], verdict.holds_until)
            if (answer.opens, answer.flaw, answer.holds_until) != new:
                answer.opens, answer.flaw, answer.holds_until = new
                changed.append(answer)
        Answer.objects.bulk_update(changed, ["opens", "flaw", "holds_until"], batch_size=_CHUNK)


def offer_reasons(pipeline):
    """Make the loss reasons a process names selectable."""
    named = [(name, False) for name in lines(pipeline.lost_reasons)]
    named += [(name, True) for name in lines(pipeline.disqualified_reasons)]
    for position, (name, disqualifies) in enumerate(named, 1):
        LossReason.objects.get_or_create(
            name=name, defaults={"disqualifies": disqualifies, "position": position}
        )
