"""What is open on several deals at once: one statement for their answers, one for the facts of each process."""

from pipeline.process import process_of

from ..evidence.facts_query import facts_query
from ..gate import Reading
from ..models import Answer


def readings(deals, today, related=()):
    """{deal id: Reading} of deals that stand in their pipeline's process; `related`: what answers are read with."""
    processes = {deal.pipeline_id: process_of(deal.pipeline) for deal in deals}
    inside = [deal for deal in deals if deal.stage_id in processes[deal.pipeline_id]]
    if not inside:
        return {}
    answers = {deal.pk: {} for deal in inside}
    for answer in Answer.objects.current().filter(deal__in=answers).select_related(*related or [None]):
        answers[answer.deal_id][answer.criterion_id] = answer
    found = {}
    for pipeline_id, process in processes.items():
        own = [deal for deal in inside if deal.pipeline_id == pipeline_id]
        facts = facts_query(process).of({deal.pk: today for deal in own}) if own else {}
        for deal in own:
            found[deal.pk] = Reading(deal, process, today, answers[deal.pk], facts[deal.pk])
    return found
