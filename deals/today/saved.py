"""What was just put on record, shown back in full."""

from dataclasses import dataclass

from pipeline.process import process_of
from team.calendar import grace_date
from team.digits import number_in

from ..models import Activity, Answer, Deal


@dataclass(frozen=True)
class Saved:
    """The deal as it stands now, and what one conversation confirmed."""

    deal: object
    answers: list


def saved(user, text, today, organisation):
    """Of an activity this person put on record; None for anything else."""
    if (activity_id := number_in(text)) is None:
        return None
    found = (
        Activity.objects.filter(pk=activity_id, recorded_by=user).values_list("deal_id", flat=True).first()
    )
    deals = Deal.objects.visible_to(user).with_proven(today, grace_date(today, organisation))
    deal = deals.select_related("pipeline__version", "stage", "company").filter(pk=found).first()
    return deal and Saved(deal, _answers(deal, activity_id))


def _answers(deal, activity_id):
    known = process_of(deal.pipeline).by_criterion
    rows = (
        Answer.objects.current().filter(deal=deal, activity=activity_id, opens=True).select_related("person")
    )
    found = [row for row in rows if row.criterion_id in known and known[row.criterion_id].kind != "next_step"]
    for row in found:
        row.label = known[row.criterion_id].label
    return found
