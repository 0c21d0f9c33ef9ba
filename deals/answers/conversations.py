"""Who confirmed it, when and how: the conversation an answer rests on, found or put on record."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from team.digits import number_in
from team.prepared import Prepared

from .. import activities
from ..input import normalise, parsing
from ..models import LOGGABLE, Activity, ActivityKind, Contact, Stakeholder

MOST_PEOPLE, LONGEST_NAME = 20, 120
_talk = Prepared(
    lambda deal_id, pk: Activity.objects.filter(deal_id=deal_id, pk=pk, kind__in=LOGGABLE).order_by(), 0, 0
)
HOWS = [kind for kind in LOGGABLE if kind != ActivityKind.NOTE]


def _is_address(text):
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


class Conversations:
    """The part of the Recorder that knows people and conversations. Same person, day and channel: one activity."""

    def _confirmation(self, answer, item, definition):
        if not (item.by or item.conversation or item.on):
            return
        answer.contact = self.contact(item, "by", item.by) if item.by else None
        if item.conversation and item.conversation != "new":
            answer.activity = self._conversation(item)
        elif answer.contact or item.on:
            answer.activity = self.new_conversation(item, answer.contact)
        if answer.contact is None and answer.activity is not None:
            answer.contact = self._only_attendee(answer.activity)
        elif answer.contact and answer.activity and not self._took_part(answer.contact, answer.activity):
            words = _("%s did not take part in this conversation. Choose who did, or another conversation.")
            self.fail(item, "by", words % answer.contact.name)

    def _took_part(self, contact, activity):
        """Whoever confirms something in a conversation was there."""
        if activity.pk not in self.attendees:
            self.attendees[activity.pk] = set(activity.attendees.values_list("pk", flat=True))
        return contact.pk in self.attendees[activity.pk]

    def contact(self, item, part, text):
        """A contact of this deal's company, of its map, or of a partner company."""
        if (key := number_in(text)) is None:
            return self._contact_by_name(item, part, text)
        if key not in self.contacts:
            self.contacts[key] = Contact.objects.filter(pk=key, merged_into__isnull=True).first()
        contact = self.contacts[key]
        if contact is None or not self._may_name(contact):
            self.fail(item, part, _("Choose a contact of this deal."))
            return None
        return contact

    def _contact_by_name(self, item, part, text):
        """A typed name: the company's contact of that name, or a new one."""
        name = normalise.clean(text)
        flaw = normalise.flaw(name, extra=self.house.placeholders)
        if not flaw and len(name) > LONGEST_NAME:
            flaw = _("At most %d characters.") % LONGEST_NAME
        if flaw:
            self.fail(item, part, flaw)
            return None
        on_the_map = Exists(Stakeholder.objects.filter(deal=self.deal, contact=OuterRef("pk")))
        here = Contact.objects.filter(Q(company=self.deal.company_id) | on_the_map, merged_into__isnull=True)
        called = {"email__iexact": name} if _is_address(name) else {"name__iexact": name}
        return here.filter(**called).first() or self._new_contact(item, part, name)

    def _new_contact(self, item, part, name):
        """Somebody of the buyer's company whom nobody has noted yet; not a colleague."""
        address = name if _is_address(name) else ""
        contact = Contact(company_id=self.deal.company_id, name=name, email=address)
        if self.house.is_ours(contact):
            self.fail(item, part, _("%s is one of us, not the buyer.") % name)
            return None
        contact.save()
        return contact

    def people(self, item, part, text):
        """The contacts of a list by comma, without those that cannot be named."""
        names = [name.strip() for name in text.split(",") if name.strip()][:MOST_PEOPLE]
        return [contact for name in names if (contact := self.contact(item, part, name))]

    def _may_name(self, contact):
        if contact.company_id == self.deal.company_id:
            return True
        return Stakeholder.objects.filter(deal=self.deal, contact=contact).exists()

    def _conversation(self, item):
        key = item.conversation
        if key not in self.conversations:
            pk = number_in(key)
            self.conversations[key] = None if pk is None else _talk.first(self.deal.pk, pk)
        if self.conversations[key] is None:
            self.fail(item, "conversation", _("Choose a conversation of this deal."))
        return self.conversations[key]

    def new_conversation(self, item, contact):
        """One activity for all answers that name the same person, day and channel."""
        day, how = (
            self.day(item, "on", item.on, past=True) if item.on else self.today,
            item.how or ActivityKind.CALL,
        )
        if how not in HOWS:
            self.fail(item, "how", _("Choose how the buyer confirmed it."))
            return None
        if day is None or contact is None:
            if contact is None:
                self.fail(item, "by", _("Say who on the buyer's side confirmed it."))
            return None
        key = (contact.pk, day, how, item.present)
        if key not in self.conversations:
            self.conversations[key] = self._log(item, contact, day, how)
        return self.conversations[key]

    def _log(self, item, contact, day, how):
        try:
            return activities.record(
                self.deal,
                by=self.by,
                kind=how,
                direction="in" if how == ActivityKind.EMAIL else None,
                happened_at=self._moment(day),
                attendees=[contact, *self.people(item, "present", item.present)],
                now=self.now,
                house=self.house,
                body=normalise.clean(item.said, lines=True)[:4000],
            )
        except ValidationError as error:
            self.fail(item, "on", error.messages[0])
            return None

    def _moment(self, day):
        """Noon of the day; now, for today."""
        if day == self.today:
            return self.now
        zone = ZoneInfo(self.house.organisation.time_zone)
        return datetime.combine(day, time(12), tzinfo=zone)

    def _only_attendee(self, activity):
        """Who said it, where only one buyer was there."""
        people = list(activity.attendees.all()[:2])
        return people[0] if len(people) == 1 else None

    def day(self, item, part, text, past=False):
        try:
            return parsing.day(text, today=self.today, past=past)
        except parsing.ParseError as error:
            self.fail(item, part, str(error))
            return None
