"""Judging stored answers again, where what they are judged by has changed."""

from .judging import judge
from .models import Answer

_CHUNK = 500


def rejudge(answers, process, house):
    """Judge these answers again and store what differs; those to criteria no longer asked stay as they are."""
    answers = answers.filter(criterion__in=process.by_criterion)
    changed = []
    for answer in answers.select_related("activity", "contact", "person").iterator(chunk_size=_CHUNK):
        verdict = judge(answer, process.by_criterion[answer.criterion_id], house)
        new = (verdict.opens, verdict.flaw[:200], verdict.holds_until)
        if (answer.opens, answer.flaw, answer.holds_until) != new:
            answer.opens, answer.flaw, answer.holds_until = new
            changed.append(answer)
    Answer.objects.bulk_update(changed, ["opens", "flaw", "holds_until"], batch_size=_CHUNK)
