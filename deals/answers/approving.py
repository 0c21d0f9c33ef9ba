"""A yes or no of the buyer to an approval, given where answers are given: it becomes the approval's row."""

from django.utils.translation import gettext as _

from .. import activities
from ..evidence.judging import judge, runs_out, weak_part
from ..models import AnswerState, Approval, ApprovalSide, Decision
from . import contested
from .given import Given


def decision_of(answer):
    """What the answer says of the approval: claimed means that we still wait for it."""
    if answer.state == AnswerState.CLAIMED:
        return Decision.PENDING
    return Decision.APPROVED if answer.state == AnswerState.CONFIRMED and answer.yes else Decision.REJECTED


def check(recorder, item: Given, answer, definition):
    """Tell the recorder what keeps the approval from being recorded; nothing half of it is kept."""
    if answer.state == AnswerState.CONFIRMED and answer.yes is None:
        recorder.fail(item, "", _("Say yes or no."))
    elif not definition.needs_buyer:
        _check_ours(recorder, item, answer, definition)
    elif answer.contact is None:
        recorder.fail(item, "by", _("Say who on the buyer's side approves this."))
    elif recorder.house.is_ours(answer.contact):
        recorder.fail(item, "by", _("%s is one of us, not the buyer.") % answer.contact.name)
    elif decision_of(answer) == Decision.APPROVED and (
        flaw := judge(answer, definition, recorder.house).flaw
    ):
        recorder.fail(item, weak_part(answer, definition, recorder.house), flaw)


def _check_ours(recorder, item, answer, definition):
    """Of our own side only who was asked decides, whoever types."""
    if decision_of(answer) == Decision.PENDING or _asked_of(recorder, definition) is None:
        recorder.fail(
            item, "", _("Ours is given by who was asked for it. Ask on the deal's page of approvals.")
        )


def _asked_of(recorder, definition):
    """The approval that waits for whoever is typing."""
    if recorder.by is None:
        return None
    waiting = Approval.objects.filter(deal=recorder.deal, criterion=definition.criterion_id)
    return waiting.filter(approver=recorder.by, decision=Decision.PENDING).first()


def store(recorder, answer, definition):
    """Write what the answer says to the approval it is about. Returns the answer, which itself is not kept."""
    approval = (
        _buyers(recorder, answer, definition) if definition.needs_buyer else _asked_of(recorder, definition)
    )
    approval.decision = decision_of(answer)
    if approval.is_decided:
        approval.decided_at, approval.decided_by = recorder.now, recorder.by
        approval.remember_terms(recorder.deal)
        approval.comment = (answer.words or answer.link)[:2000]
        approval.activity, approval.attachment = answer.activity, answer.attachment
        approval.holds_until = judge(answer, definition, recorder.house).holds_until
    approval.save()
    if approval.contact_id:
        activities.put_on_map(recorder.deal, [approval.contact])
    answer.opens, answer.flaw = approval.decision == Decision.APPROVED, ""
    contested.settle_by(answer)
    return answer


def _buyers(recorder, answer, definition):
    """What waits for this person, or a new approval; one they had decided before is put aside."""
    known = Approval.objects.filter(
        deal=recorder.deal, criterion=definition.criterion_id, contact=answer.contact
    ).exclude(decision=Decision.WITHDRAWN)
    found = None
    for approval in known:
        if approval.is_pending and found is None:
            found = approval
        else:
            put_aside(approval, recorder.by, recorder.now, _("Recorded anew."))
    return found or Approval(
        deal=recorder.deal, criterion_id=definition.criterion_id, side=ApprovalSide.BUYER, contact=answer.contact,
        subject=definition.label[:200], asked_by=recorder.by, asked_at=recorder.now,
    )  # fmt: skip


def redate(definition, house):
    """Approvals count for another time now."""
    rows = Approval.objects.filter(criterion=definition.criterion_id, decision=Decision.APPROVED)
    changed = []
    for row in rows.select_related("activity").iterator(chunk_size=500):
        said = row.activity.happened_at if row.activity_id else row.decided_at
        until = runs_out(said, definition, house)
        if row.holds_until != until:
            row.holds_until = until
            changed.append(row)
    Approval.objects.bulk_update(changed, ["holds_until"], batch_size=500)


def put_aside(approval, by, now, why):
    """It counts no more; what it had come to stays readable."""
    approval.was, approval.decision = approval.decision, Decision.WITHDRAWN
    approval.withdrawn_by, approval.withdrawn_at, approval.withdrawn_because = by, now, why[:300]
    approval.save(update_fields=["was", "decision", "withdrawn_by", "withdrawn_at", "withdrawn_because"])
