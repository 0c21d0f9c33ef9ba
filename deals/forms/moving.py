"""The form of POST /deals/<id>/move/: where to, from which state, with which answers."""

from django.utils.translation import gettext as _

from team.digits import number_in

from ..input import parsing
from ..models import AMOUNT_LIMIT
from .submission import Malformed, Submission

MOVE_FIELDS = {"to", "reason", "loss_reason", "amount", "until", "nurture", "competitor"}
LONGEST_KEY = 64


class MoveForm:
    """Raises Malformed for what no page of ours sends. Typed values stay in `submission` to be shown again."""

    def __init__(self, data, files=()):
        self.submission = form = Submission.read(data, files, MOVE_FIELDS)
        self.to = form.text("to")
        self.key = form.text("key")
        self.seen_seq = self._seen_seq(form.text("seen_seq"))
        if not self.to or len(self.to) > 20 or "to" in form.errors:
            raise Malformed(_("Say where the deal is to go."))
        if len(self.key) > LONGEST_KEY or "key" in form.errors:
            raise Malformed(_("The key has at most %d characters.") % LONGEST_KEY)
        self.amount = self._amount(form.text("amount"))

    @staticmethod
    def _seen_seq(text):
        if (seq := number_in(text, digits=9)) is None:
            raise Malformed(_("Say which state of the deal you saw (seen_seq)."))
        return seq

    def _amount(self, text):
        try:
            return parsing.amount(text, maximum=AMOUNT_LIMIT) if text else None
        except parsing.ParseError as error:
            self.submission.errors["amount"] = str(error)
            return None

    @property
    def errors(self):
        return self.submission.errors

    @property
    def came_from(self):
        return self.submission.text("from")

    def arguments(self, process):
        """Keyword arguments of moves.move, besides who moves."""
        form = self.submission
        return {
            "seen_seq": self.seen_seq,
            "key": self.key,
            "reason": form.text("reason"),
            "loss_reason": form.text("loss_reason"),
            "amount": self.amount,
            "until": form.text("until"),
            "nurture": bool(form.text("nurture")),
            "answers": form.given(process),
        }
