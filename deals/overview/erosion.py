"""What has become of the gates a deal passed, as marks beside the deals of a query."""

from django.db.models import Exists, OuterRef, Q

from ..models import Answer, AnswerState, Approval, Contradiction, Decision


def marks(today):
    """{name: expression}: `eroded`, `approval_late`."""
    late = Approval.objects.order_by().filter(
        deal=OuterRef("pk"), decision=Decision.PENDING, due_on__lt=today
    )
    return {"eroded": eroded(today), "approval_late": Exists(late)}


def eroded(today):
    """An answer that let the deal through ran out, turned out not to be so, or is contested.

    Which stages lie behind is read from their order in the draft: one join less for each card, and the same but for
    the hours between moving a stage and publishing it.
    """
    behind = {"deal": OuterRef("pk"), "criterion__stage__position__lt": OuterRef("stage__position")}
    gone = Q(opens=True, holds_until__lt=today) | Q(state=AnswerState.DISPROVED)
    answers = Answer.objects.current().order_by().filter(gone, **behind)
    notes = Contradiction.objects.standing().order_by().filter(**behind)
    return Exists(answers) | Exists(notes)
