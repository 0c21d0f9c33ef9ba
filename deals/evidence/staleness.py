"""What has not been heard or confirmed for long: people and facts go out of date by themselves."""

from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from ..models import Activity

# Everybody's: an organisation that wants another figure changes it here.
MONTHS = 6
DAYS = 183


def is_stale(moment, now=None):
    """Whether something known since then is older than that."""
    return moment is not None and ((now or timezone.now()) - moment).days > DAYS


def with_heard(contacts):
    """Contacts with `heard_at`: when each took part in anything last, on any deal; None where never."""
    acts = Activity.objects.filter(attendees=OuterRef("pk")).order_by().values("attendees")
    return contacts.annotate(heard_at=Subquery(acts.annotate(last=Max("happened_at")).values("last")))


def known_at(contact):
    """Since when what we know of a contact of with_heard is from: the last talk, else when they were noted."""
    return contact.heard_at or contact.created_at


def old_since(contact):
    """The moment what we know of a contact of with_heard is from, where that is long ago; None for who has left."""
    moment = known_at(contact)
    return moment if contact.left_at is None and is_stale(moment) else None


def is_old_answer(answer):
    """Whether a confirmation that still counts is old: when the buyer said it, else when it was noted."""
    if not (answer.is_current and answer.opens):
        return False
    return is_stale(answer.activity.happened_at if answer.activity else answer.recorded_at)
