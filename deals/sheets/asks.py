"""One open criterion as a question of the dialog."""

from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from pipeline.vocabulary import ActivityToken, Evidence, Kind, evidence_rank

from ..evidence.judging import weak_part
from ..forms.submission import is_given_elsewhere
from ..gate import Finding, State
from .inputs import inputs_of, missing_elsewhere

# Where an answer takes who, when and how from the conversation chosen for all.
SHARED = {
    "by": "conversation_by",
    "on": "conversation_on",
    "how": "conversation_how",
    "present": "conversation_with",
}


@dataclass
class Ask:
    """`finding` is what the database says, `attempt` what the gate said of what was typed just now."""

    finding: Finding
    sheet: object
    attempt: Finding | None = None
    errors: dict = field(default_factory=dict)

    @property
    def definition(self):
        return self.finding.definition

    @property
    def deal(self):
        return self.sheet.deal

    @property
    def answer(self):
        return self.finding.answer

    @property
    def id(self):
        return self.finding.criterion_id

    @property
    def name(self):
        return f"c{self.id}"

    @property
    def form(self):
        return self.sheet.form

    @property
    def is_submitted(self):
        return bool(self.form.of(self.id, "asked")) or self.form.answers(self.id)

    @property
    def is_attempted(self):
        return (
            self.attempt is not None and self.form.answers(self.id) and (self.is_tapped or self._was_filled)
        )

    @property
    def _was_filled(self):
        """What needs no tap was tried where something was typed for it."""
        if self.definition.kind == Kind.ACTIVITY:
            return self.form.logs_new or bool(self.form.of(self.id))
        return any(self.form.of(self.id, name) for name in self.definition.deal_field_list)

    @property
    def is_given(self):
        return self.is_ticked if self.is_tapped else self._was_filled

    @property
    def rests_on_conversation(self):
        definition = self.definition
        return (
            definition.needs_buyer or definition.evidence != Evidence.NONE or definition.kind == Kind.ACTIVITY
        )

    @property
    def is_open(self):
        """Open by the gate's last word."""
        return not (self.attempt or self.finding).holds

    @property
    def is_tapped(self):
        """Whether a tap says it; an activity is answered by who was there, the deal's own fields by filling them."""
        if is_given_elsewhere(self.definition):
            return False
        return self.definition.kind not in (Kind.ACTIVITY, Kind.DEAL_FIELD) or self.definition.needs_buyer * (
            self.definition.kind == Kind.DEAL_FIELD
        )

    @property
    def is_ticked(self):
        return self.form.answers(self.id) if self.is_submitted else self.sheet.only == self.id

    @property
    def level(self):
        """What it takes, in two words; nothing where nothing but the value is asked."""
        definition = self.definition
        return (
            definition.get_evidence_display() if evidence_rank(definition.evidence) and self.is_tapped else ""
        )

    @property
    def stage(self):
        return self.sheet.process.stage(self.definition.stage_id)

    @property
    def was(self):
        """What is wrong with the answer there is, where it is more than missing."""
        told = self.finding.state in _TOLD or self.page or (self.answer is not None and self.answer.flaw)
        return self.finding.why if told and not (self.is_submitted and self.is_tapped) else ""

    @property
    def page(self):
        """(name of the URL, words) of the page where it is asked for or settled."""
        return PAGES.get(self.definition.kind)

    # what the inputs need to know of the deal

    def holder(self, role):
        """Name of who holds the role on the map."""
        return next((p.name for p in self.sheet.people if role in p.roles), "")

    def priority(self, roles):
        return next((p.priority for p in self.sheet.people if set(roles) & set(p.roles)), "")

    @property
    def people_on_map(self):
        return [person for person in self.sheet.people if person.on_map]

    @property
    def answered(self):
        return self.sheet.answered

    @cached_property
    def inputs(self):
        found = inputs_of(self)
        for item in found:
            item.name = f"{self.name}_{item.part}" if item.part else self.name
            item.prefix = self.sheet.prefix
            typed = self.form.typed.get((self.id, item.part))
            item.value = typed if typed is not None else str(item.default or "")
        self._place_errors(found)
        return found

    def _place_errors(self, found):
        parts = [item.part for item in found]
        for part, message in self.problems().items():
            if part in parts:
                found[parts.index(part)].error = message
            elif part in SHARED:
                self.sheet.errors.setdefault(SHARED[part], message)
            else:
                self.errors[""] = message

    def problems(self):
        """{part: message} of what was typed for this criterion."""
        mine = {part: message for (pk, part), message in self.sheet.typed_errors() if pk == self.id}
        if mine or not self.is_attempted or self.attempt.holds:
            return mine
        return {self._weak_part(): self.attempt.why}

    def _weak_part(self):
        answer = self.attempt.answer
        if answer is None or answer.opens:
            return ""
        return weak_part(answer, self.definition, self.sheet.house)

    @property
    def error(self):
        self.inputs  # noqa: B018  placing the errors decides which are left for the criterion itself
        return self.errors.get("", "")

    @property
    def grid(self):
        """Class for the values side by side."""
        above = self.above
        if len(above) == 1:
            return "w1" if above[0].type in ("date", "number", "select") else ""
        return {3: "gn", 2: "g2"}.get(len(above), "")

    @property
    def above(self):
        return [item for item in self.inputs if not item.below]

    @property
    def below(self):
        return [item for item in self.inputs if item.below]

    @property
    def kept_file(self):
        return self.answer.attachment_id if self.answer else None

    # what a conversation answers by itself

    @property
    def fills_itself(self):
        """Who must be in a conversation that answers this, in words."""
        if self.definition.kind != Kind.ACTIVITY:
            return ""
        names = [str(ActivityToken(token).label) for token in self.definition.activity_list]
        what = one_of(names) or _("A conversation")
        least = self.definition.min_people or 1
        who = ngettext("with %d person of theirs", "with at least %d people of theirs", least) % least
        return _("%(what)s %(who)s answers this by itself: log it above.") % {"what": what, "who": who}

    @property
    def auto(self):
        """Said where the conversation about to be logged answers this by who was there."""
        talks, definition = self.sheet.talks, self.definition
        if definition.kind != Kind.ACTIVITY or not (talks.is_new and talks.by) or definition.role_list:
            return ""
        enough = 1 + len(talks.present) >= (definition.min_people or 1)
        fits = not definition.activity_list or _token(talks.how) in definition.activity_list
        if not (enough and fits):
            return ""
        names = _(" and ").join([talks.by, *talks.present])
        return _("%s in one conversation: that answers this, nothing to type.") % names

    @property
    def elsewhere(self):
        return missing_elsewhere(self)


_TOLD = (State.LAPSED, State.DISPROVED, State.CLAIMED, State.CONTESTED)
PAGES = {
    Kind.APPROVAL: ("approvals", _lazy("Show the approvals")),
    Kind.NO_OPEN_OBJECTION: ("objections", _lazy("Show the objections")),
}


def one_of(names):
    """'Meeting, demo or evaluation'."""
    names = [names[0], *(name[0].lower() + name[1:] for name in names[1:])] if names else []
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s or %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def _token(how):
    return ActivityToken.EMAIL_IN if how == "email" else how
