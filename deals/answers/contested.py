"""Settling what speaks against an answer, by a later one or by somebody's word."""

from django.utils.translation import gettext as _

from team import formats
from team.prepared import Prepared

from ..models import Contradiction

LONGEST = 300
_notes = Prepared(
    lambda deal_id, pk: Contradiction.objects.standing().filter(deal_id=deal_id, criterion_id=pk).order_by(),
    0,
    0,
)


def settle_by(answer):
    """An answer said after the notes against it, and that opens its criterion, settles them. The deal is locked."""
    if not answer.opens:
        return
    said = answer.activity.happened_at if answer.activity_id else answer.recorded_at
    older = [note.pk for note in _notes(answer.deal_id, answer.criterion_id) if note.noted_at <= said]
    if older:
        who = answer.contact or answer.recorded_by or _("Headgate")
        words = _("A later answer: %(who)s, %(day)s") % {"who": who, "day": formats.day(said)}
        settle_notes(older, answer.recorded_by, answer.recorded_at, words)


def settle_notes(ids, by, now, words):
    notes = Contradiction.objects.filter(pk__in=ids)
    notes.update(settled_by=by, settled_at=now, settlement=words[:LONGEST])
