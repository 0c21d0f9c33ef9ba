"""Texts that nobody has read, and what follows where reading them comes to something else than what is stored."""

from django.db import transaction

from pipeline.models import Pipeline
from pipeline.process import process_of

from .evidence import measures, sparing
from .evidence.judging import House
from .evidence.rejudging import rejudge
from .evidence.verdicts import verdicts
from .locking import locked_deal
from .models import Answer
from .rows.among import Among
from .settle import settle


def read(now):
    """Read some texts; deals of which an answer is judged otherwise by it are counted anew. Returns how many texts."""
    ids = measures.read_some()
    if ids:
        for deal_id in sorted(_concerned(ids)):
            _judge(deal_id, now)
    return len(ids)


def _concerned(ids):
    """Ids of deals in which one of these answers is stored as something it is not any more."""
    house, found = House.current(), set()
    answers = sparing.judged_anew(Answer.objects.current().filter(Among("pk", ids)))
    for pipeline in Pipeline.objects.filter(version__isnull=False).select_related("version"):
        for definition in process_of(pipeline).by_criterion.values():
            judged = verdicts(answers.filter(criterion=definition.criterion_id), definition, house) or ()
            found |= {verdict.deal_id for verdict in judged if verdict.differs}
    return found


@transaction.atomic
def _judge(deal_id, now):
    deal, process = locked_deal(deal_id)
    rejudge(deal.answers.filter(is_current=True), process, House.current())
    settle(deal, process, now)
