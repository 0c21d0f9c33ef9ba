"""Storing the answers of one submission on one locked deal."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from pipeline.vocabulary import Kind
from team.calendar import local_date
from team.digits import number_in

from .. import activities, figures, files, stored_files
from ..evidence.judging import House, evidence_of, judge
from ..evidence.measures import measure
from ..input import normalise
from ..models import Answer, AnswerState, Attachment
from ..timers import buyer_dates
from . import approving, contested, values
from .conversations import Conversations
from .given import AnswerErrors


@dataclass
class Recorder(Conversations):
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
        self.contacts, self.attendees = {}, {}
        self.before = figures.said(self.deal)

    def record(self, given):
        """Store all of them, or raise AnswerErrors with every problem. Returns {criterion id: Answer}."""
        made = {}
        for item in given:
            definition = self.process.by_criterion.get(item.criterion_id)
            if definition is None:
                self.fail(item, "", _("This is not asked any more. Reload the page."))
                continue
            answer = self._answer(item, definition)
            if definition.kind == Kind.APPROVAL:
                approving.check(self, item, answer, definition)
            made[item.criterion_id] = (answer, definition)
        if self.errors:
            raise AnswerErrors(self.errors)
        if self.touched:  # facts are read from the table
            self.deal.save(update_fields=self.touched)
            figures.note(self.deal, self.before, self.by, self.now)
        return {pk: self.store(answer, definition) for pk, (answer, definition) in made.items()}

    def fail(self, item, part, message):
        self.errors.setdefault((item.criterion_id, part), message)  # the first says most

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
            values.parse(self, answer, item, definition)
        answer.words = normalise.clean(item.words)[:2000]
        self._link(answer, item)
        if item.file is not None:
            answer.attachment = self._attachment(item)
        elif kept := number_in(item.keep):
            answer.attachment = Attachment.objects.filter(deal=self.deal, pk=kept).first()
        return answer

    def _state(self, item):
        if item.state not in AnswerState.values:
            self.fail(item, "state", _("Choose claimed, confirmed or disproved."))
            return AnswerState.CLAIMED
        return item.state

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

    def store(self, answer, definition):
        """The old row stays, marked as replaced; the new one is judged by the definition in force."""
        if definition.kind == Kind.APPROVAL:
            return approving.store(self, answer, definition)
        answer.evidence = evidence_of(answer)
        verdict = judge(answer, definition, self.house)
        answer.opens, answer.flaw, answer.holds_until = verdict.opens, verdict.flaw[:200], verdict.holds_until
        measure(answer, self.house)
        current = Answer.objects.current().filter(deal=self.deal, criterion=definition.criterion_id)
        current.update(is_current=False, replaced_at=self.now)
        answer.save()
        contested.settle_by(answer)
        if answer.contact_id and verdict.opens:
            activities.put_on_map(self.deal, [answer.contact])
        buyer_dates.hold(self.deal, answer, definition, self.today)
        return answer


def attach(deal, upload, content_type, *, by, now):
    """Store an upload that files.check has passed. Returns the Attachment."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    stored = Attachment(
        deal=deal,
        name=normalise.clean(upload.name)[-200:],
        content_type=content_type,
        size=upload.size,
        sha256=digest.hexdigest(),
        added_by=by,
        added_at=now,
    )
    stored.file.save(upload.name, upload, save=False)
    stored_files.note(stored.file.name)
    stored.save(force_insert=True)
    return stored
