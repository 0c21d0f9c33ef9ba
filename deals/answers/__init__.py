"""Answering criteria: what somebody typed or ticked becomes an Answer row, its conversation an Activity."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..locking import locked_deal
from ..models import Answer
from ..settle import settle
from .conversations import HOWS
from .given import AnswerErrors, Given
from .recorder import Recorder, attach

__all__ = ["HOWS", "AnswerErrors", "Given", "Recorder", "attach", "save", "still_true"]


@transaction.atomic
def save(deal_id, given, *, by, now=None, source="page"):
    """Store answers without moving. Returns (deal, Reading). Raises AnswerErrors; then nothing is stored."""
    now = now or timezone.now()
    deal, process = locked_deal(deal_id)
    recorder = Recorder(deal, process, by, now, source)
    recorder.record(given)
    reading = settle(deal, process, now, also=recorder.touched)
    return deal, reading


def still_true(deal_id, criterion_id, *, activity_id, by, now=None):
    """Renew an answer that lapses from a later conversation: same value, a new row."""
    now = now or timezone.now()
    with transaction.atomic():
        deal, process = locked_deal(deal_id)
        recorder = Recorder(deal, process, by, now)
        old = Answer.objects.current().get(deal=deal, criterion=criterion_id)
        item = Given(criterion_id, conversation=str(activity_id))
        activity = recorder._conversation(item)
        if activity is None or (old.activity and activity.happened_at <= old.activity.happened_at):
            raise AnswerErrors(
                {(criterion_id, "conversation"): _("Choose a conversation after the last proof.")}
            )
        renewed = Answer.objects.get(pk=old.pk)
        renewed.pk, renewed._state.adding = None, True
        renewed.activity, renewed.recorded_by, renewed.recorded_at = activity, by, now
        renewed.source = recorder.source
        recorder.store(renewed, process.by_criterion[criterion_id])
        settle(deal, process, now)
    return deal
