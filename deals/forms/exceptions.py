"""The forms of exceptions: asking for one, and deciding on it."""

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from team.digits import number_in

from ..input import parsing
from ..input.normalise import has_unstorable
from .submission import LONGEST, Malformed, Submission

DECISIONS = ("grant", "decline", "withdraw")


class AskForm:
    """Where to, why, and which criteria. Our pages send `chosen` with the boxes; without it all that is open counts."""

    def __init__(self, data):
        self.submission = form = Submission.read(data, (), {"reason", "chosen"})
        self.reason, self.came_from = form.fields.get("reason", ""), form.text("from")
        self.to = _number(form.text("to"))
        self.seen_seq = _number(form.text("seen_seq"))
        self.errors = {"reason": form.errors["reason"]} if "reason" in form.errors else {}

    @property
    def criteria(self):
        """Ids of the criteria ticked; None where the form does not choose."""
        ticked = [pk for pk in self.submission.criteria if self.submission.of(pk)]
        return ticked if ticked or self.submission.text("chosen") else None


def _number(text):
    """A whole number; -1, which nothing has, for a word; None where it is empty."""
    if not text:
        return None
    found = number_in(text)
    return -1 if found is None else found


class DecisionForm:
    """grant, decline or withdraw, with a note and a last day. Raises Malformed for what no page of ours sends."""

    FIELDS = {"csrfmiddlewaretoken", "decision", "note", "expires_on"}
    to, submission = "", Submission()  # no answers come along

    def __init__(self, data):
        for name in data:
            if name not in self.FIELDS or len(data.getlist(name)) > 1:
                raise Malformed(_("There is no field %s.") % name[:60])
        self.decision = data.get("decision", "")
        if self.decision not in DECISIONS:
            raise Malformed(_("Say what you decide: grant, decline or withdraw."))
        self.expires_on = None
        self.typed = {name: data.get(name, "") for name in ("note", "expires_on")}
        self.errors = {name: words for name in self.typed if (words := self._flaw(name))}

    def _flaw(self, name):
        text = self.typed[name]
        if has_unstorable(text):
            self.typed[name] = ""
            return _("This contains a character that cannot be stored.")
        if len(text) > LONGEST:
            return _("This is too long.")
        return self._date_flaw() if name == "expires_on" and self.decision == "grant" else ""

    def _date_flaw(self):
        try:
            self.expires_on = self._day()
        except parsing.ParseError as error:
            return str(error)
        return ""

    def _day(self):
        """The day typed, None where it is empty."""
        text = self.typed["expires_on"].strip()
        return parsing.day(text, today=localdate()) if text else None
