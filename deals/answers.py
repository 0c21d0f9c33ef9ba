"""Answering criteria: what somebody typed or ticked becomes an Answer row, its conversation an Activity."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.vocabulary import YES_KINDS, Kind
from team.calendar import local_date

from . import activities, files, normalise, parsing
from .judging import House, evidence_of, judge
from .locking import locked_deal
from .models import (
    Activity,
    ActivityKind,
    Answer,
    AnswerState,
    Attachment,
    Contact,
    Stakeholder,
    StakeholderRole,
)
from .settle import settle

HOWS = [kind for kind in ActivityKind if kind != ActivityKind.NOTE]


@dataclass
class Given:
    """What came in for one criterion, as typed. Empty means not given."""

    criterion_id: int
    value: str = ""
    to: str = ""
    currency: str = ""
    date: str = ""
    priority: str = ""
    state: str = AnswerState.CONFIRMED
    conversation: str = ""
    by: str = ""
    on: str = ""
    how: str = ""
    words: str = ""
    link: str = ""
    file: object = None


class AnswerErrors(Exception):
    """Answers that cannot be stored. `fields` maps (criterion id, part) to a message; part '' is the value."""

    def __init__(self, fields):
        self.fields = fields
        super().__init__("; ".join(str(message) for message in fields.values()))


@dataclass
class Recorder:
    """Stores the answers of one submission on one locked deal."""

    deal: object
    process: object
    by: object
    now: datetime
    source: str = "page"
    errors: dict = field(default_factory=dict)
    conversations: dict = field(default_factory=dict)
    texts: dict = field(default_factory=dict)
    touched: set = field(default_factory=set)

    def __post_init__(self):
        self.house = House.current()
        self.today = local_date(self.now, self.house.organisation)
        self.contacts = {}

    def record(self, given):
        """Store all of them, or raise AnswerErrors with every problem. Returns {criterion id: Answer}."""
        made = {}
        for item in given:
            definition = self.process.by_criterion.get(item.criterion_id)
            if definition is None:
                self.fail(item, "", _("This is not asked any more. Reload the page."))
                continue
            answer = self._answer(item, definition)
            made[item.criterion_id] = (answer, definition)
        if self.errors:
            raise AnswerErrors(self.errors)
        if self.touched:  # facts are read from the table
            self.deal.save(update_fields=self.touched)
        return {pk: self._store(answer, definition) for pk, (answer, definition) in made.items()}

    def fail(self, item, part, message):
        self.errors[(item.criterion_id, part)] = message

    def _answer(self, item, definition):
        answer = Answer(
            deal=self.deal,
            criterion_id=definition.criterion_id,
            state=self._state(item),
            recorded_by=self.by,
            recorded_at=self.now,
            source=self.source,
        )
        self._confirmation(answer, item, definition)
        if answer.state != AnswerState.DISPROVED:
            self._parse(answer, item, definition)
        answer.words = normalise.clean(item.words)[:2000]
        self._link(answer, item)
        if item.file is not None:
            answer.attachment = self._attachment(item)
        return answer

    def _state(self, item):
        if item.state not in AnswerState.values:
            self.fail(item, "state", _("Choose claimed, confirmed or disproved."))
            return AnswerState.CLAIMED
        return item.state

    # who, when, how

    def _confirmation(self, answer, item, definition):
        if not (item.by or item.conversation or item.on):
            return
        answer.contact = self._contact(item, "by", item.by) if item.by else None
        if item.conversation and item.conversation != "new":
            answer.activity = self._conversation(item)
        elif answer.contact or item.on:
            answer.activity = self._new_conversation(item, answer.contact)
        if answer.contact is None and answer.activity is not None:
            answer.contact = self._only_attendee(answer.activity)

    def _contact(self, item, part, text):
        """A contact of this deal's company, of its map, or of a partner company."""
        if not text.isdigit():
            return self._contact_by_name(item, part, text)
        key = int(text)
        if key not in self.contacts:
            self.contacts[key] = Contact.objects.filter(pk=key, merged_into__isnull=True).first()
        contact = self.contacts[key]
        if contact is None or not self._may_name(contact):
            self.fail(item, part, _("Choose a contact of this deal."))
            return None
        return contact

    def _contact_by_name(self, item, part, text):
        """A typed name: the company's contact of that name, or a new one."""
        name = normalise.clean(text)[:120]
        if flaw := normalise.flaw(name, extra=self.house.placeholders):
            self.fail(item, part, flaw)
            return None
        known = Contact.objects.filter(
            company=self.deal.company_id, merged_into__isnull=True, name__iexact=name
        )
        return known.first() or Contact.objects.create(company_id=self.deal.company_id, name=name)

    def _may_name(self, contact):
        if contact.company_id == self.deal.company_id:
            return True
        return Stakeholder.objects.filter(deal=self.deal, contact=contact).exists()

    def _conversation(self, item):
        key = item.conversation
        if key not in self.conversations:
            found = (
                Activity.objects.filter(deal=self.deal, pk=int(key))
                if key.isdigit()
                else Activity.objects.none()
            )
            self.conversations[key] = found.first()
        if self.conversations[key] is None:
            self.fail(item, "conversation", _("Choose a conversation of this deal."))
        return self.conversations[key]

    def _new_conversation(self, item, contact):
        """One activity for all answers that name the same person, day and channel."""
        day, how = self._day(item, "on", item.on, past=True) if item.on else self.today, item.how or ActivityKind.CALL
        if how not in HOWS:
            self.fail(item, "how", _("Choose how the buyer confirmed it."))
            return None
        if day is None or contact is None:
            if contact is None:
                self.fail(item, "by", _("Say who on the buyer's side confirmed it."))
            return None
        key = (contact.pk, day, how)
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
                attendees=[contact],
                now=self.now,
                house=self.house,
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

    # the value

    def _parse(self, answer, item, definition):
        parser = _PARSERS.get(definition.kind)
        try:
            if parser:
                parser(self, answer, item, definition)
        except parsing.ParseError as error:
            self.fail(item, "", str(error))

    def _day(self, item, part, text, past=False):
        try:
            return parsing.day(text, today=self.today, past=past)
        except parsing.ParseError as error:
            self.fail(item, part, str(error))
            return None

    def _yes(self, answer, item, definition):
        answer.yes = parsing.yes(item.value) if item.value else None

    def _text(self, answer, item, definition):
        answer.text = (
            normalise.clean(item.value)[:4000] if definition.min_items is None else item.value[:4000]
        )
        if answer.text:
            twin = self.texts.setdefault(normalise.clean(answer.text).casefold(), definition.criterion_id)
            if twin != definition.criterion_id:
                self.fail(
                    item, "", _("The same text answers another question above. Say what answers this one.")
                )

    def _number(self, answer, item, definition):
        answer.number = parsing.number(item.value) if item.value else None

    def _money(self, answer, item, definition):
        if item.value:
            answer.number, answer.number_to = parsing.amount_range(item.value)
            if answer.number_to is None and item.to:
                answer.number_to = parsing.amount(item.to)
        answer.currency = parsing.currency(item.currency) if item.currency else self.deal.currency
        answer.text = normalise.clean(item.priority)[:200]

    def _date(self, answer, item, definition):
        answer.day = self._day(item, "", item.value) if item.value else None

    def _person(self, answer, item, definition):
        answer.person = self._contact(item, "", item.value) if item.value else None

    def _document(self, answer, item, definition):
        value = item.value.strip()
        if value and not item.link:
            item.link = value if value.startswith(("http://", "https://")) else ""
        if item.date:
            answer.day = self._day(item, "date", item.date)

    def _stakeholder(self, answer, item, definition):
        """Naming somebody puts them on the map in the role that is asked for."""
        answer.person = self._contact(item, "", item.value) if item.value else None
        roles = definition.role_list
        if answer.person and roles and not self.house.is_ours(answer.person):
            self._put_in_role(answer.person, roles[0], normalise.clean(item.priority)[:200])

    def _put_in_role(self, contact, role, priority):
        stakeholder, _made = Stakeholder.objects.get_or_create(deal=self.deal, contact=contact)
        StakeholderRole.objects.get_or_create(stakeholder=stakeholder, role=role)
        if priority:
            stakeholder.priority = priority
            stakeholder.save(update_fields=["priority"])

    def _next_step(self, answer, item, definition):
        """The deal's own next step is the value; the answer is the buyer's agreement to it."""
        text, day = normalise.clean(item.value)[:200], item.date
        if day:
            self.deal.next_step_on = self._day(item, "date", day)
            self.touched.add("next_step_on")
        if text:
            if flaw := normalise.flaw(text, extra=self.house.placeholders):
                self.fail(item, "", flaw)
            self.deal.next_step = text
            self.touched.add("next_step")
        answer.text, answer.day, answer.yes = self.deal.next_step, self.deal.next_step_on, True

    # evidence

    def _link(self, answer, item):
        link = item.link.strip()
        if not link:
            return
        if not link.startswith(("http://", "https://")) or len(link) > 500 or normalise.has_unstorable(link):
            self.fail(item, "link", _("Give a web address that starts with http:// or https://."))
            return
        answer.link = link

    def _attachment(self, item):
        try:
            content_type = files.check(item.file)
        except files.FileRefused as error:
            self.fail(item, "file", str(error))
            return None
        return attach(self.deal, item.file, content_type, by=self.by, now=self.now)

    def _store(self, answer, definition):
        """The old row stays, marked as replaced; the new one is judged by the definition in force."""
        answer.evidence = evidence_of(answer)
        verdict = judge(answer, definition, self.house)
        answer.opens, answer.flaw, answer.holds_until = verdict.opens, verdict.flaw[:200], verdict.holds_until
        current = Answer.objects.current().filter(deal=self.deal, criterion=definition.criterion_id)
        current.update(is_current=False, replaced_at=self.now)
        answer.save()
        if answer.contact_id and verdict.opens:
            activities.put_on_map(self.deal, [answer.contact])
        return answer


_PARSERS = {
    Kind.TEXT: Recorder._text,
    Kind.CHOICE: Recorder._text,
    Kind.NUMBER: Recorder._number,
    Kind.MONEY: Recorder._money,
    Kind.DATE: Recorder._date,
    Kind.CONTACT: Recorder._person,
    Kind.FILE_OR_LINK: Recorder._document,
    Kind.STAKEHOLDER: Recorder._stakeholder,
    Kind.NEXT_STEP: Recorder._next_step,
    **dict.fromkeys(YES_KINDS, Recorder._yes),
}


def attach(deal, upload, content_type, *, by, now):
    """Store an upload that files.check has passed. Returns the Attachment."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return Attachment.objects.create(
        deal=deal,
        file=upload,
        name=normalise.clean(upload.name)[-200:],
        content_type=content_type,
        size=upload.size,
        sha256=digest.hexdigest(),
        added_by=by,
        added_at=now,
    )


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
        recorder._store(renewed, process.by_criterion[criterion_id])
        settle(deal, process, now)
    return deal
