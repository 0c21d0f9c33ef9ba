"""One deal of the mass while it is told: who is on its map, what is answered, what is said next."""

import random

from django.core.files.uploadedfile import SimpleUploadedFile

from pipeline.vocabulary import Evidence, Kind

from .. import answers
from ..approving.approvals import side_of
from ..gate import applies, needs_answer
from ..models import Answer, AnswerState, ApprovalSide, Decision
from . import evidence
from .story import APPROVERS

CHAMPION, BOSS, ENGINEER, APPROVER = range(4)
# How long our own side takes to say yes.
LEGAL_DAYS = 6


class Life:
    """Everything is handed to the scribe; nothing here is written at once but files."""

    def __init__(self, world, scribe, plan, deal, contacts):
        self.world, self.clock, self.scribe = world, world.clock, scribe
        self.plan, self.deal, self.contacts, self.by = plan, deal, contacts, deal.owner
        self.rng = random.Random(plan.name)  # noqa: S311  the same on every run
        self.map, self.roles, self.answers, self.done = {}, set(), {}, set()

    def process(self, day):
        return self.world.processes.on(self.plan.pipeline, day)

    def person(self, number):
        return self.contacts[min(number, len(self.contacts) - 1)]

    # what happens

    def talk(self, day, kind, *who, hour=10, **fields):
        people = list({person.pk: person for person in map(self.person, who)}.values())
        for person in people:
            self.put(person)
        if kind == "email":
            fields.setdefault("direction", "in")
        if fields.get("direction") != "out":
            fields.setdefault("body", self.rng.choice(evidence.TALK.get(kind, [""])))
        return self.scribe.talk(self.deal, kind, self.clock.at(day, hour), people, self.by, **fields)

    def chase(self, day, hour=16, subject="Our offer", kind="email"):
        """Something of ours that waits for an answer."""
        body = self.rng.choice(evidence.CHASE)
        return self.talk(
            day, kind, CHAMPION, hour=hour, direction="out", subject=subject, body=body, expects_answer=True
        )

    def put(self, contact):
        """The stakeholder of that contact."""
        if contact.pk not in self.map:
            self.map[contact.pk] = self.scribe.on_map(
                self.deal, contact, self.rng.choice(evidence.PRIORITIES)
            )
        return self.map[contact.pk]

    def role(self, number, role):
        contact = self.person(number)
        stakeholder = self.put(contact)
        if (contact.pk, role) not in self.roles:
            self.roles.add((contact.pk, role))
            self.scribe.role(stakeholder, role)

    def step(self, day, on):
        """Agree on what is next; `on` may be nearer than a week."""
        self.deal.next_step = self.rng.choice(evidence.NEXT_STEPS)
        self.deal.next_step_on = self.clock.day(on)
        self.scribe.change(self.deal)

    # what is answered

    def asked(self, day, process, to):
        """Criteria the gate into that stage asks (None: winning) that nothing holds for on that day."""
        stage_id = self.deal.stage_id
        before = [d for d in process.criteria_before(stage_id) if d.kind != Kind.NEXT_STEP]
        wanted = dict.fromkeys(before + process.asked_from(stage_id, to))
        return [d for d in wanted if applies(d, self.deal) and not self._holds(d, self.clock.day(day))]

    def _holds(self, definition, today):
        """Said already, and a date to come still lies ahead."""
        if definition.criterion_id not in self.done:
            return False
        if definition.kind == Kind.NEXT_STEP:
            return self.deal.next_step_on >= today
        return not definition.future or self.answers[definition.criterion_id].day >= today

    def settle_gate(self, day, process, to, *, except_for=(), step_on=None):
        """Let everything the gate asks happen and be said in one conversation, but for the slugs named."""
        entry = process.index(self.deal.stage_id) == 0
        conversation = self.talk(day, "call" if entry else self.rng.choice(["call", "meeting"]), CHAMPION)
        self.renew(day, process, conversation)
        for definition in [d for d in self.asked(day, process, to) if d.slug not in except_for]:
            self.satisfy(definition, day, conversation, step_on)

    def satisfy(self, definition, day, conversation, step_on=None, state=AnswerState.CONFIRMED):
        if definition.kind == Kind.NEXT_STEP:
            self.step(day, step_on if step_on is not None else day + self.rng.randint(3, 8))
        _FACTS.get(definition.slug, lambda life, day: None)(self, day)
        self.done.add(definition.criterion_id)
        if definition.kind == Kind.APPROVAL:
            self.approve(definition, day, conversation, state)
        elif needs_answer(definition):
            self.say(definition, day, conversation, state)

    def approve(self, definition, day, conversation, state):
        """The champion for the buyer, those with the role for us; a claim is one that is still to come."""
        common = {
            "deal": self.deal, "criterion_id": definition.criterion_id, "subject": definition.label[:200],
            "asked_by": self.by, "asked_at": self.clock.at(day, 9), "decided_at": self.clock.at(day, 12),
            "decision": Decision.PENDING if state == AnswerState.CLAIMED else Decision.APPROVED,
        }  # fmt: skip
        if state != AnswerState.CLAIMED:
            common |= {"decided_amount": self.deal.amount, "decided_currency": self.deal.currency}
        if definition.needs_buyer:
            theirs = {"contact": self.person(CHAMPION), "activity": conversation, "decided_by": self.by}
            self.scribe.approval(side=ApprovalSide.BUYER, **theirs, **common)
            return
        if state == AnswerState.CLAIMED:
            return  # nobody was asked yet
        people = {role: self.world.people[who] for who, role in APPROVERS.items()}
        for role in definition.role_list:
            user = people.get(role) or self.world.people["sofia"]
            comment = self.rng.choice(evidence.APPROVED.get(role, [""]))
            ours = {"approver": user, "decided_by": user, "role": role, "comment": comment}
            ours["asked_at"] = self.clock.at(
                day - (LEGAL_DAYS if side_of(role) == ApprovalSide.LEGAL else 2), 9
            )
            self.scribe.approval(side=side_of(role), **common | ours)

    def renew(self, day, process, conversation):
        """Ask again for what has passed half of its time."""
        for criterion_id, old in list(self.answers.items()):
            definition = process.by_criterion.get(criterion_id)
            if definition is None or not definition.expires_after_days or self._keeps(definition):
                continue
            if (
                self.clock.day(day) - old.activity.happened_at.date()
            ).days > definition.expires_after_days // 2:
                self.say(definition, day, conversation)

    def _keeps(self, definition):
        return self.plan.state == "expired" and definition.slug == "budget_access"

    def say(self, definition, day, conversation, state=AnswerState.CONFIRMED):
        """An answer of the champion, in that conversation or in something of the buyer's own."""
        contact = self.person(CHAMPION)
        answer = Answer(
            deal=self.deal, criterion_id=definition.criterion_id, state=state, contact=contact, activity=conversation,
            recorded_by=self.by, recorded_at=self.clock.at(day, 12),
        )  # fmt: skip
        if definition.evidence == Evidence.WORDS:
            answer.words = evidence.sentence(definition.slug, self.rng, self.plan.amount)
        self._value(answer, definition, day)
        self.scribe.answer(definition, answer, self.answers.get(definition.criterion_id))
        self.answers[definition.criterion_id] = answer
        return answer

    def _value(self, answer, definition, day):
        kind = definition.kind
        if kind == Kind.TEXT:
            answer.text = evidence.text(definition.slug, self.rng)
        elif kind == Kind.NUMBER:
            answer.number = self.rng.choice([4, 5, 5, 6])
        elif kind == Kind.MONEY:
            self._money(answer, definition)
        elif kind == Kind.DATE:
            self._date(answer, definition, day)
        elif kind in (Kind.CONTACT, Kind.STAKEHOLDER):
            answer.person = self.person(_NAMED.get(definition.slug, CHAMPION))
        elif kind == Kind.FILE_OR_LINK:
            self._document(answer, definition, day)
        elif kind == Kind.NEXT_STEP:
            answer.text, answer.day, answer.yes = self.deal.next_step, self.deal.next_step_on, True
        else:
            answer.yes = True

    def _money(self, answer, definition):
        answer.number, answer.number_to = self.plan.amount * 9 // 10, self.plan.amount * 13 // 10
        answer.currency = "EUR"
        answer.text = self.rng.choice(evidence.MONEY) if definition.choice_list else ""

    def _date(self, answer, definition, day):
        """In the buyer's own hand: an invitation they accepted."""
        nearest, farthest = _AHEAD.get(definition.slug, (30, 60))
        answer.day = self.clock.day(day + self.rng.randint(nearest, farthest))
        if definition.slug in ("decision_date", "signing_date"):
            self.deal.expected_close = answer.day
            self.scribe.change(self.deal)
        if definition.evidence == Evidence.OWN:
            answer.activity = self.talk(
                day, "invitation", CHAMPION, hour=11, body="", subject=definition.label
            )

    def _document(self, answer, definition, day):
        company = self.deal.company.name
        if definition.with_date:
            answer.day = self.clock.day(day)
            content, name = (
                evidence.agreement(company, self.plan.amount, answer.day),
                "Order form, signed.pdf",
            )
            kind = "application/pdf"
        else:
            person = self.person(CHAMPION).name
            content = evidence.letter(company, person, ["Yes, that is how we see it.", definition.label])
            name, kind = f"Reply of {person}.eml", "message/rfc822"
        upload = SimpleUploadedFile(name, content)
        answer.attachment = answers.attach(self.deal, upload, kind, by=self.by, now=self.clock.at(day, 12))


def _reacted(life, day):
    life.talk(day, "email", CHAMPION, hour=8)


def _buyer(life, day):
    life.role(BOSS, "economic_buyer")


def _group(life, day):
    life.role(CHAMPION, "champion")
    life.role(ENGINEER, "technical")
    life.role(BOSS, "economic_buyer")


def _audience(life, day):
    life.talk(day, "demo", CHAMPION, ENGINEER, hour=9, subject="Demo on their own data")


def _path(life, day):
    life.role(BOSS, "economic_buyer")
    life.role(APPROVER, "approver")


def _engaged(life, day):
    life.role(BOSS, "economic_buyer")
    life.talk(day, "meeting", BOSS, hour=9, subject="Walk through the offer")


def _pack(life, day):
    life.put(life.person(CHAMPION))
    life.deal.goals = evidence.text("problem_stated", life.rng)
    life.deal.commitments = life.rng.choice(evidence.PROMISES)
    life.scribe.change(life.deal)


def _introduced(life, day):
    life.talk(day, "introduction", CHAMPION, hour=9, direction="out", subject="Your contact from now on")


# What has to have happened, by the criterion that looks for it.
_FACTS = {
    "buyer_reacted": _reacted, "economic_buyer": _buyer, "buying_group": _group, "wider_audience": _audience,
    "approval_path": _path, "economic_buyer_engaged": _engaged, "handover_pack": _pack,
    "success_owner_introduced": _introduced,
}  # fmt: skip
_NAMED = {"economic_buyer": BOSS, "approval_path": APPROVER}
# How far ahead the buyer's dates lie, in days.
_AHEAD = {
    "review_date": (4, 9),
    "signing_date": (6, 14),
    "start_date": (10, 25),
    "implementation_date": (12, 30),
}
