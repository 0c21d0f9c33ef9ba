"""The fields of a gate's form: one set per criterion (`c<id>`, `c<id>_by`, ...) and the conversation for all."""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from pipeline.vocabulary import YES_KINDS, Evidence, Kind
from team.digits import number_in

from ..answers import Given
from ..input.normalise import has_unstorable
from .plain import fill_in

FACTS = ("goals", "commitments", "amount", "expected_close", "discount_percent")
# What may follow `c<id>_`; "" is the value itself. `asked` marks a form of our pages, which records only ticks.
PARTS = {
    "", "by", "on", "how", "words", "link", "file", "date", "to", "currency", "priority", "state", "tick",
    "also", "keep", "asked", *FACTS,
}  # fmt: skip
CONVERSATION = {f"conversation{part}" for part in ("", "_by", "_on", "_how", "_words", "_with", "_who")}
OURS = {"csrfmiddlewaretoken", "from", "seen_seq", "key", "criterion", "to"}
LONGEST = 20_000
_FIELD = re.compile(r"c([1-9]\d{0,17})(?:_([a-z_]+))?")


class Malformed(ValueError):
    """A form no page of ours could send; the text names what is wrong with it."""


def is_given_elsewhere(definition):
    """What is approved or settled on a page of its own has no tap in the gate's form."""
    return definition.kind in (Kind.APPROVAL, Kind.NO_OPEN_OBJECTION) and not definition.needs_buyer


def is_said_in_text(definition):
    """Where a text in the buyer's words is asked for, our pages ask once: the text is the evidence."""
    return definition.kind == Kind.TEXT and definition.evidence == Evidence.WORDS


@dataclass
class Submission:
    """A posted form, its fields told apart. `typed` maps (criterion id, part) to text, `errors` to messages."""

    fields: dict = field(default_factory=dict)
    typed: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)

    @classmethod
    def read(cls, data, files, allowed=()):
        """Raises Malformed for a field no page has, or one that came twice."""
        form = cls()
        for name in data:
            form._take(name, data.getlist(name), {*CONVERSATION, *OURS, *allowed})
        for name in files:
            match = _FIELD.fullmatch(name)
            if not match or match[2] != "file":
                raise Malformed(_("There is no field %s.") % name[:60])
            form.files[int(match[1])] = files[name]
        return form

    def _take(self, name, values, allowed):
        match = _FIELD.fullmatch(name)
        if not (name in allowed or (match and (match[2] or "") in PARTS)):
            raise Malformed(_("There is no field %s.") % name[:60])
        if len(values) > 1:
            raise Malformed(_("The field %s came more than once.") % name[:60])
        value = values[0]
        key = (int(match[1]), match[2] or "") if match else name
        if has_unstorable(value):
            self.errors[key] = _("This contains a character that cannot be stored.")
            value = ""
        if len(value) > LONGEST:
            self.errors[key] = _("This has %(given)d characters; at most %(limit)d are possible.") % {
                "given": len(value),
                "limit": LONGEST,
            }
        (self.typed if match else self.fields)[key] = value

    def text(self, name):
        return self.fields.get(name, "").strip()

    def of(self, criterion_id, part=""):
        return self.typed.get((criterion_id, part), "").strip()

    @property
    def criteria(self):
        """Ids of the criteria that anything was sent for, in the order sent."""
        return list(dict.fromkeys([*(key for key, _part in self.typed), *self.files]))

    def answers(self, criterion_id):
        """Whether this criterion is answered: ticked, or sent without our pages' mark."""
        if self.of(criterion_id, "asked"):
            return bool(self.of(criterion_id, "tick") or self.of(criterion_id, "state"))
        parts = [part for key, part in self.typed if key == criterion_id and self.of(key, part)]
        return bool(parts) or criterion_id in self.files

    def untick(self):
        """Keep what was typed, but answer nothing with it."""
        for criterion_id in self.criteria:
            self.typed[(criterion_id, "asked")] = "1"
            self.typed.pop((criterion_id, "tick"), None)

    def given(self, process):
        """The answers to record, as deals.answers wants them."""
        return [
            self._given(pk, process.by_criterion.get(pk)) for pk in self.criteria if self._counts(pk, process)
        ]

    def _counts(self, criterion_id, process):
        """A criterion that asks for an activity is answered by logging one, or by naming who had which role."""
        definition = process.by_criterion.get(criterion_id)
        if definition and definition.kind == Kind.ACTIVITY and self.of(criterion_id, "asked"):
            return bool(self.logs_new or self.of(criterion_id))
        if definition and is_given_elsewhere(definition) and self.of(criterion_id, "asked"):
            return False
        return self.answers(criterion_id)

    def _given(self, criterion_id, definition):
        names = ("by", "on", "how", "words", "link", "date", "to", "currency", "priority", "also", "keep")
        item = Given(criterion_id, **{name: self.of(criterion_id, name) for name in names})
        item.value = self.typed.get((criterion_id, ""), "").strip()
        item.state = self.of(criterion_id, "state") or item.state
        item.file = self.files.get(criterion_id)
        item.facts = {name: self.of(criterion_id, name) for name in FACTS if self.of(criterion_id, name)}
        if definition is not None:
            if not self.of(criterion_id, "asked"):
                fill_in(item, definition)
            self._complete(item, definition)
        return item

    def _complete(self, item, definition):
        if definition.kind in YES_KINDS and not item.value and self.of(item.criterion_id, "tick"):
            item.value = "yes"
        if definition.needs_buyer or definition.evidence != Evidence.NONE or definition.kind == Kind.ACTIVITY:
            self._rest_on_conversation(item)
        if definition.evidence == Evidence.WORDS and not item.words:
            own = item.value if is_said_in_text(definition) and self.of(item.criterion_id, "asked") else ""
            item.words = own or self.text("conversation_words")

    def _rest_on_conversation(self, item):
        """What was chosen once for all answers, unless the answer says otherwise."""
        if item.by and (item.on or item.how):
            return
        chosen = self.text("conversation")
        if number_in(chosen) is not None:
            item.conversation = chosen
            item.by = item.by or self.speaker
        elif self.text("conversation_by") or chosen == "new":
            item.conversation = "new"
            item.by = item.by or self.text("conversation_by")
            item.on = item.on or self.text("conversation_on")
            item.how = item.how or self.text("conversation_how")
            item.present, item.said = self.text("conversation_with"), self.text("conversation_words")

    @property
    def speaker(self):
        """Who said it in an existing conversation: chosen on our pages as ACTIVITY-CONTACT, else by itself."""
        if "conversation_who" not in self.fields:
            return self.text("conversation_by")
        activity, _dash, contact = self.text("conversation_who").partition("-")
        return contact if activity == self.text("conversation") else ""

    @property
    def logs_new(self):
        """Whether the form puts a new conversation on record."""
        return number_in(self.text("conversation")) is None and bool(self.text("conversation_by"))
