"""What follows for deals when something about a contact changes: whose word it is decides whether it counts."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from .. import activities, clocks
from ..evidence.judging import House
from ..evidence.rejudging import rejudge
from ..locking import locked_deal
from ..models import Activity, Answer, Contact, Stakeholder
from ..rows.among import Among
from ..settle import settle

# What judgements and facts read of a contact.
READ = {"name", "email", "left_at"}


@transaction.atomic
def save(contact, columns, *, now=None):
    """Save these columns of a contact; answers, conversations and counts that rest on them follow at once."""
    columns = set(columns)
    if columns & READ:
        lock_around(contact.pk)
    contact.save(update_fields=columns)
    if columns & READ:
        follow(contact, now or timezone.now())


def lock_around(contact_id, *deal_ids):
    """Lock the contact, then these deals and all that rest on it, in the order everybody locks deals in."""
    lock_around_all([contact_id], *deal_ids)


def lock_around_all(contact_ids, *deal_ids):
    """The same for several contacts."""
    list(
        Contact.objects.select_for_update().filter(Among("pk", contact_ids)).order_by("pk").values_list("pk")
    )
    for deal_id in sorted({*deal_ids, *_deals_of(contact_ids)}):
        locked_deal(deal_id)


def _deals_of(contact_ids):
    """Closed ones too: what they rest on decides where they are reopened."""
    named = [
        Answer.objects.filter(Among("contact_id", contact_ids)),
        Answer.objects.filter(Among("person_id", contact_ids)),
        Stakeholder.objects.filter(Among("contact_id", contact_ids)),
        Activity.objects.filter(Among("attendees", contact_ids)),
    ]
    first, *others = [rows.order_by().values_list("deal", flat=True) for rows in named]
    return sorted(first.union(*others))


def follow(contact, now):
    """Judge anew what rests on the contact as it is now. Call lock_around first."""
    follow_all([contact.pk], now)


def follow_all(contact_ids, now):
    """The same for several contacts, each deal once."""
    house = House.current()
    for deal_id in _deals_of(contact_ids):
        deal, process = locked_deal(deal_id)
        clock = _reread_conversations(deal, contact_ids, house)
        rejudge(deal.answers.filter(is_current=True), process, house)
        settle(deal, process, now, also=clock)


def _reread_conversations(deal, contact_ids, house):
    """Whether the buyer took part depends on who was there. Returns the columns of the deal's clock that changed."""
    changed = set()
    theirs = Activity.attendees.through.objects.filter(Among("contact_id", contact_ids)).values("activity")
    for activity in Activity.objects.filter(deal=deal, pk__in=theirs).prefetch_related("attendees"):
        was = (activity.buyer_count, activity.from_buyer)
        activities.count_buyers(activity, activity.attendees.all(), house)
        if was != (activity.buyer_count, activity.from_buyer):
            activity.save(update_fields=["buyer_count", "from_buyer"])
            changed |= _move_clock(deal, activity)
    return changed


def _move_clock(deal, activity):
    """The clock starts at what the buyer did last, as it is known now."""
    columns = clocks.tick_of(deal, activity) if activity.from_buyer else _clock_without(deal, activity)
    for column, value in columns.items():
        setattr(deal, column, value)
    return set(columns)


def _clock_without(deal, activity):
    if deal.last_buyer_activity_at != activity.happened_at:
        return {}
    acts = Activity.objects.filter(deal=deal, from_buyer=True, is_late=False, is_auto=False)
    return {"last_buyer_activity_at": acts.aggregate(last=Max("happened_at"))["last"]}
