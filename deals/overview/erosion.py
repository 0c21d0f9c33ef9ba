"""What has become of the gates a deal passed, as marks beside the deals of a query."""

from django.db.models import Exists, OuterRef, Q, Subquery

from pipeline.models import Criterion

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
    gone = Q(opens=True, holds_until__lt=today) | Q(state=AnswerState.DISPROVED)
    answers = _behind(Answer.objects.current().filter(gone, deal=OuterRef("pk")))
    notes = _behind(Contradiction.objects.standing().filter(deal=OuterRef("pk")))
    return Exists(answers) | Exists(notes)


def _behind(rows):
    """Those about a stage before the deal's. Where a criterion stands is looked up for the few rows that are left:
    joined, it made PostgreSQL look for an answer to each criterion of each deal, once there were many answers.
    """
    stands = Criterion.objects.filter(pk=OuterRef("criterion")).order_by().values("stage__position")
    return rows.order_by().alias(stands=Subquery(stands)).filter(stands__lt=OuterRef("stage__position"))
