"""Whether a recap can still be answered, and why not, in words for the buyer."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from ..models import RecapState
from .statements import can_be_put


class Closed(TextChoices):
    """Why a link is no longer good, each with what the page says."""

    ANSWERED = "answered", _("You have answered this already. Thank you; there is nothing more to do.")
    REPLACED = "replaced", _("A newer message took the place of this one. Please use the link in the newest.")
    EXPIRED = "expired", _("This link has expired. Ask for a new one if you still want to answer.")
    NOT_NEEDED = "not_needed", _("This is no longer needed. Thank you; there is nothing to do.")


_STATES = {
    RecapState.CONFIRMED: Closed.ANSWERED,
    RecapState.CORRECTED: Closed.ANSWERED,
    RecapState.WITHDRAWN: Closed.REPLACED,
}


def why_closed(recap, lines, house, now):
    """A Closed, or None while it can be answered. `lines` are open_lines()."""
    if recap.state in _STATES:
        return _STATES[recap.state]
    if recap.expires_at <= now:
        return Closed.EXPIRED
    return None if recap.deal.is_live and lines and _is_still_theirs(recap, house) else Closed.NOT_NEEDED


def _is_still_theirs(recap, house):
    """The contact is there, not one of us, and can be reached where the mail went."""
    contact = recap.contact
    gone = contact.left_at or contact.merged_into_id
    same = contact.email.strip().lower() == recap.address.strip().lower()
    return same and not gone and not house.is_ours(contact)


def open_lines(recap, process):
    """[(line, definition, current answer)] of the points that still stand as they were put."""
    lines = recap.lines.select_related("answer__attachment", "answer__person").order_by("position", "pk")
    current = {answer.criterion_id: answer for answer in recap.deal.answers.filter(is_current=True)
               .select_related("attachment", "person")}  # fmt: skip
    found = [
        (line, process.by_criterion.get(line.criterion_id), current.get(line.criterion_id)) for line in lines
    ]
    return [
        (line, definition, now)
        for line, definition, now in found
        if definition and _stands(line, definition, now)
    ]


VALUE = ("text", "number", "number_to", "currency", "day", "yes", "person_id", "link", "attachment_id")


def _stands(line, definition, current):
    """Somebody may have said it again meanwhile; what it says must be the same."""
    if current is None or line.answer is None or not can_be_put(definition, current):
        return False
    line.answer.deal = line.recap.deal
    return all(getattr(current, name) == getattr(line.answer, name) for name in VALUE)
