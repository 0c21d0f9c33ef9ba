"""Putting on record what happened: who took part, when, in which direction."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from team.calendar import calendar_of

from . import clocks
from .evidence.judging import House
from .locking import locked_deal
from .models import TALKS, Activity, ActivityKind, Direction, Stakeholder
from .settle import settle

# Clocks of two machines differ a little; beyond this an activity lies in the future.
_CLOCK_SKEW = timedelta(minutes=5)
_BUYERS_OWN = [ActivityKind.FORM, ActivityKind.INVITATION, ActivityKind.CONFIRMATION]


@transaction.atomic
def log(deal_id, *, by, kind, happened_at, attendees=(), now=None, **fields):
    """Record an activity and let gates, counts and clocks see it. Returns the Activity.

    `attendees` are Contacts; they join the deal's map. `fields`: direction, subject, body, expects_answer, is_auto.
    Raises ValidationError for a time to come or a contact of another company's deal.
    """
    now = now or timezone.now()
    deal, process = locked_deal(deal_id)
    activity = record(deal, by=by, kind=kind, happened_at=happened_at, attendees=attendees, now=now, **fields)
    settle(deal, process, now)
    return activity


def record(deal, *, by, kind, happened_at, attendees, now, house=None, **fields):
    """The same on a deal that is already locked; the caller settles its counts."""
    if happened_at > now + _CLOCK_SKEW:
        raise ValidationError({"happened_at": _("This lies in the future. Log it once it has happened.")})
    if kind == ActivityKind.CONFIRMATION and by is not None:
        raise ValidationError({"kind": _("Only the buyer answers by their link.")})
    house = house or House.current()
    people = list({contact.pk: contact for contact in attendees}.values())
    direction = fields.pop("direction", None) or default_direction(kind, fields.get("expects_answer"))
    activity = Activity(
        deal=deal,
        kind=kind,
        direction=direction,
        happened_at=happened_at,
        recorded_at=now,
        recorded_by=by,
        is_late=clocks.is_late(happened_at, now, calendar_of(deal.team_id)),
        **fields,
    )
    buyers = count_buyers(activity, people, house)
    activity.save(force_insert=True)
    activity.attendees.set(people)
    put_on_map(deal, buyers)
    changes = clocks.tick_of(deal, activity)
    for column, value in changes.items():
        setattr(deal, column, value)
    if "last_buyer_activity_at" in changes:
        deal.heard_as = deal.status
    return activity


def count_buyers(activity, people, house):
    """Write to the activity, unsaved, how many buyers took part and whether it was their act. Returns them."""
    buyers = [contact for contact in people if not house.is_ours(contact)]
    acted = _is_buyers_act(activity.kind, activity.direction) and not activity.is_auto
    activity.buyer_count, activity.from_buyer = len(buyers), bool(buyers) and acted
    return buyers


def default_direction(kind, expects_answer=False):
    """Where a kind leaves no doubt who acted."""
    if kind in _BUYERS_OWN:
        return Direction.IN
    if kind in (ActivityKind.PROPOSAL, ActivityKind.INTRODUCTION, ActivityKind.KICKOFF) or expects_answer:
        return Direction.OUT
    return Direction.NONE


def _is_buyers_act(kind, direction):
    return kind in TALKS or (direction == Direction.IN and kind != ActivityKind.NOTE)


def put_on_map(deal, contacts):
    """Make the contacts stakeholders of the deal, without a role yet."""
    known = set(deal.stakeholders.values_list("contact_id", flat=True)) if contacts else set()
    Stakeholder.objects.bulk_create(
        [Stakeholder(deal=deal, contact=contact) for contact in contacts if contact.pk not in known],
        ignore_conflicts=True,
    )
