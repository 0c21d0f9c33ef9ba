"""Telling one deal through the door, as if each step had been put on record on its own day."""

import random

from django.core.files.uploadedfile import SimpleUploadedFile

from outbox.models import Mail
from pipeline.vocabulary import Evidence, Kind

from .. import activities, answers, moves, recaps
from ..answers import Given
from ..approving import approvals, objections
from ..gate import Reading, needs_answer
from ..locking import locked_deal
from ..models import Company, Contact, Deal, Stakeholder, StakeholderRole
from ..settle import settle
from . import evidence
from .names import address
from .plan import type_of
from .processes import NEW

# Who of us approves, by role.
APPROVERS = {"hugo": "Legal", "amara": "Finance"}


def _nowhere(token):
    """The link of a mail that nobody reads any more."""
    return ""


class Story:
    """One company, its people and its deal. Days are counted from T; `who` are keys of `people`."""

    def __init__(self, world, name, *, owner, amount, born, people, pipeline=NEW, **columns):
        self.world, self.clock = world, world.clock
        self.owner, self.rng = world.people[owner], random.Random(name)  # noqa: S311  the same on every run
        self.company = self._company(name.partition(":")[0], columns.pop("industry", ""))
        self.people = {key: self._contact(*each) for key, each in people.items()}
        columns["deal_type"] = type_of(columns.get("lead_source"))
        self.amount, self.pipeline = amount, world.processes.pipelines[pipeline]
        self.process = world.processes.now(pipeline)
        self.deal = self._make(name, born, columns)

    def _make(self, name, born, columns):
        return moves.create(
            by=self.owner, pipeline=self.pipeline, name=name, company=self.company, owner=self.owner,
            team=self.owner.teams.get(), amount=self.amount, now=self.clock.at(born, 9), **columns,
        )  # fmt: skip

    def _company(self, name, industry):
        return Company.objects.create(
            name=name, domain=address("x", name).partition("@")[2], industry=industry
        )

    def _contact(self, name, title):
        return Contact.objects.create(
            company=self.company, name=name, job_title=title, email=address(name, self.company.name)
        )

    def fresh(self):
        return Deal.objects.get(pk=self.deal.pk)

    # what happens

    def talk(self, day, kind, *who, hour=11, exact=False, by=None, **fields):
        """Put a conversation on record. `exact` keeps a weekend day, where calendar days are counted."""
        moment = (self.clock.exactly if exact else self.clock.at)(day, hour)
        if kind == "email":
            fields.setdefault("direction", "in")
        if fields.get("direction") != "out":
            fields.setdefault("body", self.rng.choice(evidence.TALK.get(kind, [""])))
        return activities.log(
            self.deal.pk, by=by or self.owner, kind=kind, happened_at=moment, now=moment,
            attendees=[self.people[key] for key in who], **fields,
        )  # fmt: skip

    def role(self, who, *roles, priority=""):
        """Put somebody on the map in these roles."""
        stakeholder, _made = Stakeholder.objects.get_or_create(deal=self.deal, contact=self.people[who])
        for role in roles:
            StakeholderRole.objects.get_or_create(stakeholder=stakeholder, role=role)
        stakeholder.priority = priority or stakeholder.priority or self.rng.choice(evidence.PRIORITIES)
        stakeholder.save(update_fields=["priority"])

    def write(self, day, **columns):
        """Change plain columns of the deal, and count anew what rests on them."""
        deal, process = locked_deal(self.deal.pk)
        for name, value in columns.items():
            setattr(deal, name, value)
        settle(deal, process, self.clock.at(day, 17), also=columns)

    def ask_ours(self, day, who, role, due, decided=None, comment="", subject="The final terms"):
        """Ask a colleague; they decide on the day given, or not yet."""
        definition, user = self._criterion("our_approvals"), self.world.people[who]
        typed = {
            "criterion": str(definition.criterion_id),
            "approver": f"{user.pk}:{role}",
            "subject": subject,
        }
        asked = approvals.ask(
            self.deal.pk,
            {**typed, "due_on": self.clock.day(due).isoformat()},
            by=self.owner,
            now=self.clock.at(day, 17),
        )
        if decided is not None:
            said = {"decision": "approved", "comment": comment}
            approvals.decide(asked.pk, said, by=user, now=self.clock.at(decided, 12))
        return asked

    def approve_ours(self, day):
        """Legal and finance said yes."""
        for who, role in APPROVERS.items():
            self.ask_ours(
                day, who, role, due=day, decided=day, comment=self.rng.choice(evidence.APPROVED[role])
            )

    def object_to(self, day, who, text, response="", accepted=None):
        """An objection, our answer, and the day the buyer accepted it."""
        raised = {
            "text": text,
            "raised_by": str(self.people[who].pk),
            "raised_on": self.clock.day(day).isoformat(),
        }
        found = objections.log(self.deal.pk, raised, by=self.owner, now=self.clock.at(day, 17))
        steps = [("answer", {"response": response}, day)] * bool(response)
        if accepted is not None:
            steps.append(("accept", {"accepted_by": str(self.people[who].pk)}, accepted))
        for verb, typed, on in steps:
            objections.act(self.deal.pk, found.pk, verb, typed, by=self.owner, now=self.clock.at(on, 18))
        return found

    def put_to_buyer(self, day, answered, who):
        """A recap of what rests on little goes to them; they confirm every point of it."""
        contact = self.people[who]
        Contact.objects.filter(pk=contact.pk).update(created_at=self.deal.created_at)
        now = self.clock.at(day, 16)
        draft = recaps.draft(self.fresh(), self.owner, now=now)
        statements = {
            line.criterion_id: line.statement
            for line in draft.lines
            if line.chosen and line.definition.kind != Kind.NEXT_STEP
        }
        typed = recaps.Typed(str(contact.pk), draft.subject, draft.intro, statements)
        recap = recaps.send(self.deal.pk, typed, by=self.owner, link=_nowhere, now=now)
        # Its mail left on that day; the tick of today has nothing to send.
        mail = {"sent_at": now, "next_attempt_at": None, "body": "", "attempts": 1}
        Mail.objects.filter(key=recaps.mail_key(recap)).update(**mail)
        yes = {line.pk: recaps.Reply("yes") for line in recap.lines.all()}
        recaps.answer(recap.pk, yes, address=None, agent="", now=self.clock.at(answered, 18))

    def next_step(self, day, text, on):
        """A next step that nobody but us has agreed to."""
        self.write(day, next_step=text, next_step_on=self.clock.day(on))

    # what the buyer confirms

    def confirm(self, day, who, *slugs, via="call", hour=12, step=None, **special):
        """Answer these criteria from one conversation. `special`: {slug: columns of Given}; `step`: (text, day)."""
        definitions = [self._criterion(slug) for slug in slugs]
        given = self.givens(definitions, day, who, via, hour, special, step)
        answers.save(self.deal.pk, given, by=self.owner, now=self.clock.at(day, hour, 30))

    @property
    def seen(self):
        """What the deal's page would send as the state it showed."""
        return Deal.objects.values_list("seq", flat=True).get(pk=self.deal.pk)

    def prepare_gate(self, day, to, who, *, via="meeting", hour=14, step=None, except_for=(), **special):
        """Answer everything still open before the stage of that slug but what is named; the deal stays."""
        open_ones = [d for d in self._open_before(day, to) if d.slug not in except_for]
        given = self.givens(open_ones, day, who, via, hour, special, step)
        answers.save(self.deal.pk, given, by=self.owner, now=self.clock.at(day, hour, 30))

    def pass_gate(self, day, to, who, *, via="meeting", hour=14, step=None, by=None, **special):
        """Answer everything still open before the stage of that slug, and move there."""
        given = self.givens(self._open_before(day, to), day, who, via, hour, special, step)
        now, target = self.clock.at(day, hour, 30), self._stage(to).stage_id
        return moves.advance(
            self.deal.pk, to=target, seen_seq=self.seen, by=by or self.owner, answers=given, now=now
        )

    def _open_before(self, day, to):
        """What the gate into that stage waits for an answer to."""
        judgement = self._reading(day).for_move(self._stage(to).stage_id)
        asked = [finding.definition for finding in judgement.open]
        if any(d.kind == Kind.APPROVAL and not d.needs_buyer for d in asked):
            self.approve_ours(day)
        return [d for d in asked if needs_answer(d) or (d.kind == Kind.APPROVAL and d.needs_buyer)]

    def try_gate(self, day, to, hour=16):
        """Ask for a move that the gate refuses; the refusal stays on record."""
        try:
            moves.advance(
                self.deal.pk,
                to=self._stage(to).stage_id,
                seen_seq=self.seen,
                by=self.owner,
                now=self.clock.at(day, hour),
            )
        except moves.GateClosed as refusal:
            return [finding.definition.slug for finding in refusal.open_criteria]
        raise AssertionError(f"{self.deal} was to be refused")

    def givens(self, definitions, day, who, via, hour, special, step):
        """What is typed for each criterion, all from one conversation, own-hand ones from something the buyer made."""
        talk = self.talk(day, via, who, hour=hour) if definitions else None
        return [
            self._given(definition, day, who, talk, dict(special.get(definition.slug, {})), step)
            for definition in definitions
        ]

    def _given(self, definition, day, who, talk, special, step):
        person = special.pop("who", who)
        given = Given(
            definition.criterion_id, by=str(self.people[person].pk), conversation=str(talk.pk), **special
        )
        self._value(given, definition, day, person, step)
        if definition.evidence == Evidence.WORDS and not given.words:
            given.words = evidence.sentence(definition.slug, self.rng, self.amount)
        self._own_hand(given, definition, day, person)
        return given

    def _value(self, given, definition, day, person, step):
        kind = definition.kind
        if kind == Kind.NEXT_STEP:
            text, on = step or (self.rng.choice(evidence.NEXT_STEPS), day + 7)
            given.value, given.date = text, self.clock.day(on).isoformat()
        elif kind == Kind.MONEY:
            given.value = given.value or f"{self.amount * 9 // 10}-{self.amount * 13 // 10}"
            given.priority = evidence.MONEY[1] if definition.choice_list else ""
        elif kind == Kind.DATE:
            given.value = given.value or self.clock.day(day + 45).isoformat()
        elif kind in (Kind.CONTACT, Kind.STAKEHOLDER):
            given.value = str(self.people[given.value or person].pk)
            given.priority = given.priority or self.rng.choice(evidence.PRIORITIES)
        elif kind == Kind.NUMBER:
            given.value = "5"
        elif kind == Kind.TEXT:
            given.value = given.value or evidence.text(definition.slug, self.rng)
        elif kind != Kind.FILE_OR_LINK:
            given.value = "yes"

    def _own_hand(self, given, definition, day, person):
        """A date in the buyer's own hand is an invitation they accepted, a document is a file of theirs."""
        if definition.evidence == Evidence.OWN and definition.kind == Kind.DATE:
            accepted = self.talk(day, "invitation", person, hour=13, body="", subject=definition.label)
            given.conversation = str(accepted.pk)
        elif definition.kind == Kind.FILE_OR_LINK:
            given.file = given.file or self.letter(person, given.words)

    def letter(self, who, words=""):
        person = self.people[who].name
        lines = [words or "Yes, that is how we see it. Please add the night shift."]
        return SimpleUploadedFile(f"Reply of {person}.eml", evidence.letter(self.company.name, person, lines))

    def agreement(self, day):
        content = evidence.agreement(self.company.name, self.amount, self.clock.day(day))
        return SimpleUploadedFile("Order form, signed.pdf", content)

    def _reading(self, day):
        deal, process = locked_deal(self.deal.pk)
        return Reading(deal, process, self.clock.day(day))

    def _stage(self, slug):
        return next(stage for stage in self.process.stages if stage.slug == slug)

    def _criterion(self, slug):
        """The criterion of that slug; the next step is the one of the deal's stage."""
        found = [d for d in self.process.criteria_of_all() if d.slug == slug]
        stage_id = self.fresh().stage_id
        return next((d for d in found if d.stage_id == stage_id), found[0])
