"""The gate: what a move asks of a deal, and whether it holds. The only judge of it.

A finding is made for every criterion asked, so a refusal is complete. Whatever cannot be evaluated counts as open.
"""

import hashlib
import logging
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline import conditions
from pipeline.models import CriterionDefinition
from pipeline.vocabulary import FACT_KINDS, SELF_EVIDENT, Kind
from team.prepared import Prepared

from .evidence import agreed, sparing
from .evidence.facts_query import CONTESTED, OBJECTIONS, facts_query
from .models import Answer, AnswerState, Contradiction
from .waiving import waivers

logger = logging.getLogger(__name__)
# What findings say of an answer.
TOLD_WITH = ["activity", "contact", "person", "attachment", "recorded_by"]
_answers = Prepared(lambda deal: Answer.objects.current().filter(deal=deal).select_related(*TOLD_WITH), 0)


class State(TextChoices):
    HOLDS = "holds", gettext_lazy("Confirmed")
    OPEN = "open", gettext_lazy("Open")
    CLAIMED = "claimed", gettext_lazy("Claimed")
    LAPSED = "lapsed", gettext_lazy("Proof too old")
    DISPROVED = "disproved", gettext_lazy("Disproved")
    CONTESTED = "contested", gettext_lazy("Contested")
    EXEMPT = "exempt", gettext_lazy("Does not apply")
    # Open, and an exception lets the deal advance all the same. Counted as open everywhere.
    WAIVED = "waived", gettext_lazy("Waived by exception")


@dataclass(frozen=True)
class Finding:
    """What is known of one criterion on one deal. `why` says what is missing where it does not hold."""

    definition: CriterionDefinition
    state: str
    answer: Answer | None = None
    why: str = ""
    # That it holds as an older definition judged it, and until when.
    note: str = ""

    @property
    def holds(self):
        return self.state in (State.HOLDS, State.EXEMPT)

    @property
    def criterion_id(self):
        return self.definition.criterion_id


@dataclass(frozen=True)
class Judgement:
    """Everything one move asks, criterion by criterion, in stage order."""

    findings: list = field(default_factory=list)

    @property
    def open(self):
        return [f for f in self.findings if not f.holds and f.state != State.WAIVED]

    @property
    def waived(self):
        return [finding for finding in self.findings if finding.state == State.WAIVED]

    @property
    def holds(self):
        return not self.open


def needs_answer(definition):
    """Whether somebody must have said something; an activity or an approval on record speaks for itself."""
    if definition.kind not in FACT_KINDS:
        return True
    return definition.needs_buyer and definition.kind not in SELF_EVIDENT


def applies(definition, deal):
    """Whether the criterion is asked of this deal at all."""
    condition = condition_of(definition)
    return condition is None or condition.holds(
        amount=deal.amount, deal_type=deal.deal_type, discount_percent=deal.discount_percent
    )


def condition_of(definition):
    """What the criterion applies to; None means every deal, also where the condition cannot be read."""
    if not definition.applies_when:
        return None
    try:
        return conditions.parse(definition.applies_when)
    except conditions.ConditionError:
        logger.exception("criterion %s applies to what nobody can read", definition.criterion_id)
        return None


class Reading:
    """One deal's answers and facts, read in two queries or given, and findings made from them."""

    def __init__(self, deal, process, today, answers=None, facts=None):
        self.deal, self.process, self.today = deal, process, today
        self.answers = self._read_answers() if answers is None else answers
        self.facts = self._read_facts() if facts is None else facts
        self.spared = sparing.of(deal, process, today)

    @cached_property
    def contradictions(self):
        """{criterion id: what speaks against its answer and is not settled, newest first}."""
        found = {}
        if self.facts.get(CONTESTED):
            for note in Contradiction.objects.standing().filter(deal=self.deal).select_related("noted_by"):
                found.setdefault(note.criterion_id, []).append(note)
        return found

    @cached_property
    def approvals(self):
        """{criterion id: its approvals}, read where something has to be said of them."""
        return agreed.approvals_of(self.deal)

    @cached_property
    def objections(self):
        """All of the deal, oldest first, read where something has to be said of them."""
        return agreed.objections_of(self.deal) if self.facts.get(OBJECTIONS, True) else []

    def _read_answers(self):
        return {answer.criterion_id: answer for answer in _answers(self.deal.pk)}

    def _read_facts(self):
        """{criterion id: whether its fact is there}, by one statement."""
        return facts_query(self.process).of({self.deal.pk: self.today})[self.deal.pk]

    def finding(self, definition, at_gate):
        """`at_gate`: dates to come must still lie ahead, which binds only when the gate is passed."""
        try:
            return self._finding(definition, at_gate)
        except Exception:
            logger.exception("criterion %s cannot be judged", definition.criterion_id)
            return Finding(
                definition, State.OPEN, None, _("This could not be checked; an admin has to look.")
            )

    def _finding(self, definition, at_gate):
        answer = self.answers.get(definition.criterion_id)
        if not applies(definition, self.deal):
            return Finding(definition, State.EXEMPT, answer, _("Does not apply to this deal."))
        if (row := self.spared.get(definition.criterion_id)) and not row.keeps_answer:
            return Finding(definition, State.EXEMPT, answer, sparing.in_words(row))
        if notes := self.contradictions.get(definition.criterion_id):
            return Finding(definition, State.CONTESTED, answer, contested(notes[0]))
        if definition.kind in FACT_KINDS and not self.facts.get(definition.criterion_id, False):
            return self._without_fact(definition, answer)
        if not needs_answer(definition):
            return Finding(definition, State.HOLDS, answer)
        if answer is None:
            return Finding(definition, State.OPEN, None, missing_answer(definition))
        return self._by_answer(definition, answer, at_gate)

    def _without_fact(self, definition, answer):
        if definition.kind == Kind.NO_OPEN_OBJECTION:
            return Finding(definition, State.OPEN, answer, agreed.missing_settlement(self.objections))
        if definition.kind != Kind.APPROVAL:
            return Finding(definition, State.OPEN, answer, missing_fact(definition, self.deal, self.today))
        approvals = self.approvals.get(definition.criterion_id, [])
        why, has_lapsed = agreed.missing_approval(definition, approvals, self.today)
        return Finding(definition, State.LAPSED if has_lapsed else State.OPEN, answer, why)

    def _by_answer(self, definition, answer, at_gate):
        if not answer.opens:
            return Finding(definition, _CLOSED.get(answer.state, State.CLAIMED), answer, answer.flaw)
        if answer.holds_until and answer.holds_until < self.today:
            return Finding(
                definition, State.LAPSED, answer, _("The proof is too old; ask whether it is still true.")
            )
        if at_gate and definition.future and answer.day and answer.day < self.today:
            return Finding(definition, State.LAPSED, answer, _("The date has passed; ask for the new one."))
        return Finding(definition, State.HOLDS, answer, note=self._kept(definition, answer))

    def _kept(self, definition, answer):
        """In words that the answer stands as it was judged before a publication that spared this deal."""
        row = self.spared.get(definition.criterion_id)
        is_kept = row is not None and row.keeps_answer and answer.recorded_at <= row.version.published_at
        return sparing.in_words(row) if is_kept else ""

    def of(self, definitions, at_gate=False):
        return [self.finding(definition, at_gate) for definition in definitions]

    def before(self):
        """Findings on everything earlier gates asked. A next step binds only when a gate is passed."""
        asked = self.process.criteria_before(self.deal.stage_id)
        return self.of([d for d in asked if d.kind != Kind.NEXT_STEP])

    def here(self):
        """Findings on what this stage asks before it is left."""
        return self.of(self.process.exit_criteria(self.deal.stage_id), at_gate=True)

    def for_move(self, to_id, waiving=frozenset()):
        """The judgement on advancing to a later stage, or on winning where `to_id` is None.

        An exception of the deal waives what it left behind, never a win; `waiving` are criteria that this very
        move is to pass by exception.
        """
        earlier = [f for f in self.before() if self._still_asked(f.definition)]
        if to_id is not None:
            earlier = _waive(earlier, waivers.waived(self.deal, self.today))
        ahead = self.of(self.process.asked_from(self.deal.stage_id, to_id), at_gate=True)
        return Judgement(_waive(_once(earlier + ahead), waiving))

    def _still_asked(self, definition):
        """An imported deal answers for stages it never passed here with their core criteria alone."""
        if self.deal.landed_in_id is None or self.deal.landed_in_id not in self.process:
            return True
        landed = self.process.index(self.deal.landed_in_id)
        return definition.core or self.process.index(definition.stage_id) >= landed

    def deepest(self, limit_id):
        """Id of the deepest stage not beyond `limit_id` whose gates all hold."""
        reached = self.process.entry.stage_id
        for stage in self.process.stages[1 : self.process.index(limit_id) + 1]:
            asked = [d for d in self.process.criteria_before(stage.stage_id) if d.kind != Kind.NEXT_STEP]
            if not all(finding.holds for finding in self.of(asked)):
                break
            reached = stage.stage_id
        return reached


_CLOSED = {AnswerState.DISPROVED: State.DISPROVED, AnswerState.CONFIRMED: State.OPEN}


def _waive(findings, criteria):
    """The open ones among these criteria count as waived."""
    return [
        replace(f, state=State.WAIVED) if f.criterion_id in criteria and not f.holds else f for f in findings
    ]


def _once(findings):
    """Each criterion once; the next step, asked at every gate, counts for all gates passed at once."""
    seen, kept = set(), []
    for finding in findings:
        mark = Kind.NEXT_STEP if finding.definition.kind == Kind.NEXT_STEP else finding.criterion_id
        if mark not in seen:
            seen.add(mark)
            kept.append(finding)
    return kept


def missing_answer(definition):
    """What an unanswered criterion waits for, in words."""
    if definition.needs_buyer:
        return _("The buyer has not confirmed this in a conversation on record.")
    return _("Not answered yet.")


def contested(note):
    """What speaks against the answer, and where that is from."""
    return _("Against it: “%(text)s” (%(source)s)") % {"text": note.text, "source": note.source}


def missing_fact(definition, deal, today):
    """What a fact the deal does not hold waits for, in words."""
    if definition.kind == Kind.NEXT_STEP:
        if deal.next_step_on and deal.next_step_on < today:
            return _("The next step's date has passed.")
        return _("There is no next step with a date.")
    return {
        Kind.DEAL_FIELD: _("The deal does not say it yet."),
        Kind.STAKEHOLDER: _("The people asked for are not on the map yet."),
        Kind.ACTIVITY: _("No such conversation is on record."),
    }[definition.kind]


def snapshot(deal, findings):
    """What the ledger keeps of a judgement: ids, states and salted digests, never words or names."""
    return [
        {
            "c": finding.criterion_id,
            "d": finding.definition.pk,
            "s": str(finding.state),
            "a": finding.answer.pk if finding.answer else None,
            "h": digest_of(deal, finding.answer) if finding.answer else "",
        }
        for finding in findings
    ]


def digest_of(deal, answer):
    """Salted with the deal's token, so that nobody can tell by trying what an erased answer said."""
    value = [
        deal.token.hex, answer.pk, answer.state, answer.text, answer.number, answer.day, answer.yes,
        answer.person_id, answer.contact_id, answer.activity_id, answer.words, answer.link, answer.attachment_id,
    ]  # fmt: skip
    return hashlib.sha256(repr([str(part) for part in value]).encode()).hexdigest()[:32]
