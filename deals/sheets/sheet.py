"""The whole dialog: what is open on the way to a target, what holds already, and what else the move asks."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from pipeline.process import process_of
from team.calendar import calendar_of, local_date
from team.digits import number_in

from ..evidence.judging import House
from ..forms import Submission
from ..gate import Judgement, Reading, State
from ..models import AnswerState, Competitor, LossReason, Status
from ..moves import UnknownTarget
from ..moves.to import WORDS
from .asks import Ask
from .people import people_of
from .talks import Talks

# What a move asks besides the gate.
ASKS_REASON = {"back", "archived", "paused", "reopen", "lost"}


def kind_of(deal, process, to):
    """back, advance, or the word itself; UnknownTarget for what is neither a move nor a stage of the pipeline."""
    if to in WORDS:
        return to
    stage_id = number_in(to)
    if stage_id not in process:
        raise UnknownTarget(_("This stage is not one of the deal's pipeline."))
    if deal.stage_id not in process or process.index(stage_id) > process.index(deal.stage_id):
        return "advance"
    return "back" if process.index(stage_id) < process.index(deal.stage_id) else "here"


def gate_sheet(deal, to, form=None, **details):
    """The sheet for moving the deal to `to`. The deal comes with its pipeline's version."""
    process = process_of(deal.pipeline)
    return Sheet(deal, process, to, kind_of(deal, process, to), form or Submission(), **details)


@dataclass
class Sheet:
    """`refusal` is the GateClosed of what was just sent, `only` the one criterion to ask."""

    deal: object
    process: object
    to: str
    kind: str
    form: Submission
    refusal: object = None
    missing: dict = field(default_factory=dict)
    only: int | None = None
    came_from: str = ""
    can_save: bool = True
    prefix: str = ""

    def __post_init__(self):
        self.house = House.current()
        self.today = local_date(timezone.now(), self.house.organisation)
        self.errors = {name: text for name, text in self.form.errors.items() if isinstance(name, str)}
        self.errors |= {
            name: text for name, text in self.missing.items() if name in self.form.fields or self.is_gated
        }

    @cached_property
    def reading(self):
        return Reading(self.deal, self.process, self.today)

    @property
    def is_gated(self):
        return self.kind in ("advance", "won", "answers")

    @cached_property
    def judgement(self):
        if not self.is_gated or self.deal.stage_id not in self.process:
            return Judgement()
        if self.only:
            definition = self.process.by_criterion.get(self.only)
            return Judgement(self.reading.of([definition], at_gate=True) if definition else [])
        if self.kind == "answers":
            return Judgement(self.reading.here())
        return self.reading.for_move(int(self.to) if self.kind == "advance" else None)

    @cached_property
    def people(self):
        return people_of(self.deal)

    @cached_property
    def talks(self):
        return Talks(self.deal, self.form, self.today, self.people, only_new=self.kind == "log")

    @property
    def target(self):
        return self.process.stage(int(self.to)) if self.kind in ("advance", "back", "here") else None

    @property
    def stage(self):
        return self.process.stage(self.deal.stage_id) if self.deal.stage_id in self.process else None

    @cached_property
    def answered(self):
        """Slugs of criteria with an answer that opens them."""
        known = self.process.by_criterion
        return {known[pk].slug for pk, answer in self.reading.answers.items() if answer.opens and pk in known}

    @cached_property
    def asks(self):
        attempts = {f.criterion_id: f for f in self.refusal.judgement.findings} if self.refusal else {}
        findings = self.judgement.findings if self.only else self.judgement.open
        found = [Ask(finding, self, attempts.get(finding.criterion_id)) for finding in findings]
        for ask in found:
            ask.inputs  # noqa: B018  errors of the shared conversation are found here
        return found

    @property
    def groups(self):
        """[(stage, asks)] in stage order."""
        return [(stage, list(asks)) for stage, asks in groupby(self.asks, key=lambda ask: ask.stage)]

    @property
    def asks_conversation(self):
        return any(ask.rests_on_conversation for ask in self.asks)

    @property
    def has_answer(self):
        """Whether the one criterion asked holds an answer that could turn out not to be so."""
        return any(ask.answer and ask.answer.state != AnswerState.DISPROVED for ask in self.asks)

    @property
    def several_stages(self):
        return len(self.groups) > 1

    @property
    def confirmed(self):
        return [finding for finding in self.asked if finding.holds]

    @cached_property
    def asked(self):
        """What this gate asks, as the card counts it; what was asked before, only where it is open again."""
        stages = {ask.definition.stage_id for ask in self.asks} | {self.deal.stage_id}
        if self.target:
            stages.add(self.target.stage_id)
        found = [finding for finding in self.judgement.findings if finding.definition.stage_id in stages]
        entered = (
            {one.criterion_id for one in self.process.entry_criteria(self.deal.stage_id)}
            if self.stage
            else ()
        )
        asked = [finding for finding in found if not finding.holds or finding.criterion_id not in entered]
        return [finding for finding in asked if finding.state != State.EXEMPT]

    @property
    def open_count(self):
        return len(self.refusal.open_criteria) if self.refusal else len(self.judgement.open)

    def typed_errors(self):
        """((criterion id, part), message) of what could not be read or stored."""
        theirs = self.refusal.errors if self.refusal else {}
        found = {key: text for key, text in self.form.errors.items() if isinstance(key, tuple)} | theirs
        return found.items()

    @property
    def nothing_given(self):
        """Sent from this dialog, and refused, without an answer to any of it."""
        asked = [ask for ask in self.asks if self.form.of(ask.id, "asked")]
        return bool(self.refusal and asked) and not any(ask.is_given for ask in self.asks)

    @property
    def has_taps(self):
        return any(ask.is_tapped for ask in self.asks)

    # words

    @property
    def heading(self):
        return _HEADINGS.get(self.kind, _asked_heading)(self)

    @property
    def consequence(self):
        """What happens meanwhile."""
        if self.kind in ("advance", "won") and self.open_count and self.stage:
            words = ngettext(
                "It stays in %(stage)s until it is answered.",
                "It stays in %(stage)s until all are answered.",
                self.open_count,
            )
            return words % {"stage": self.stage.name}
        return _CONSEQUENCES.get(self.kind, "")

    @property
    def action(self):
        """The words on the primary button."""
        if self.kind in ("advance", "back"):
            words = _("Save and move to %s") if self.kind == "advance" and self.asks else _("Move to %s")
            return words % self.target.name
        return _ACTIONS[self.kind] if self.kind in _ACTIONS else _("Save")

    @property
    def asks_reason(self):
        return self.kind in ASKS_REASON

    @property
    def reason_needed(self):
        return self.kind in ("back", "paused", "reopen")

    @property
    def longest_pause(self):
        """The last day a pause may end where nothing else is said."""
        here = local_date(timezone.now(), calendar_of(self.deal.team_id))
        return here + timedelta(days=self.house.organisation.pause_days)

    @property
    def asks_amount(self):
        return self.kind == "won" and (not self.deal.amount or "amount" in self.form.fields)

    @cached_property
    def loss_reasons(self):
        """(lost, disqualified) reasons to choose from."""
        offered = (
            list(LossReason.objects.filter(is_active=True, by_rule=False)) if self.kind == "lost" else []
        )
        return [r for r in offered if not r.disqualifies], [r for r in offered if r.disqualifies]

    @cached_property
    def competitors(self):
        """Whom a deal may be lost to."""
        return list(Competitor.objects.filter(is_active=True)) if self.kind == "lost" else []

    @property
    def is_closed(self):
        return not self.deal.is_live

    @property
    def status_word(self):
        return Status(self.deal.status).label


def in_words(count):
    """Small numbers as words, at the beginning of a sentence."""
    words = [
        _("No"),
        _("One"),
        _("Two"),
        _("Three"),
        _("Four"),
        _("Five"),
        _("Six"),
        _("Seven"),
        _("Eight"),
        _("Nine"),
    ]
    return words[count] if count < len(words) else str(count)


def _asked_heading(sheet):
    count = sheet.open_count
    where = sheet.target.name if sheet.target else _("the win")
    if not count and sheet.judgement.waived:
        return _("Waived until it is answered: nothing else is open before %s") % where
    if not count:
        return _("Everything before %s is confirmed") % where
    words = ngettext(
        "%(count)s thing is open before %(stage)s", "%(count)s things are open before %(stage)s", count
    )
    return words % {"count": in_words(count), "stage": where}


_HEADINGS = {
    "back": lambda sheet: _("Back to %s") % sheet.target.name,
    "here": lambda sheet: _("It is in %s already") % sheet.target.name,
    "lost": lambda sheet: _("Why was it lost?"),
    "archived": lambda sheet: _("Archive this deal"),
    "paused": lambda sheet: _("Pause this deal"),
    "reopen": lambda sheet: _("Reopen this deal"),
    "resume": lambda sheet: _("The wait is over"),
    "return": lambda sheet: _("The buyer answered"),
    "undo": lambda sheet: _("Undo the last step"),
    "answers": lambda sheet: _("What did the buyer confirm?"),
}
_CONSEQUENCES = {
    "back": _lazy("What was confirmed stays confirmed."),
    "lost": _lazy("It leaves the pipeline and can be reopened."),
    "archived": _lazy("It leaves the pipeline with everything in it, and can be reopened."),
    "paused": _lazy("It stays in its stage, outside the pipeline's value."),
    "reopen": _lazy("It comes back to the deepest stage whose gates hold."),
    "undo": _lazy("The deal stands where it stood before."),
}
_ACTIONS = {
    "won": _lazy("Save and win"),
    "lost": _lazy("Close as lost"),
    "archived": _lazy("Archive"),
    "paused": _lazy("Pause"),
    "reopen": _lazy("Reopen"),
    "resume": _lazy("Resume"),
    "return": _lazy("Bring it back"),
    "undo": _lazy("Undo"),
}
