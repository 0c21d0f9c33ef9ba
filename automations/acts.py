"""What a rule that came due leaves behind for one deal: a firing, and a task, a notice, a draft or a call."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.utils.translation import gettext as _

from deals.models import FiringState
from deals.timers import firing_words
from deals.timers.due import Fired
from pipeline.models import RuleDefinition
from pipeline.vocabulary import RuleAction, RuleTrigger
from team.calendar import add_business_days, calendar_of, local_date
from team.models import recalled

from .claiming import Claimed


@dataclass(slots=True)
class NewFiring:
    """What a Firing will say; the rows of a chunk are written together, without an instance of the model for each."""

    deal_id: int
    key: str
    occurrence: str
    definition: RuleDefinition
    action: str
    state: str
    since: date
    due_at: datetime
    fired_at: datetime
    seq: int | None = None
    pk: int | None = None

    @property
    def definition_id(self):
        return self.definition.pk


@dataclass(slots=True)
class NewTask:
    """What its Task will say."""

    assignee_id: int
    title: str
    purpose: str
    due_on: date
    created_at: datetime
    rule_key: str


@dataclass
class Act:
    """One deal's due rule and what follows; nothing is written yet. `moves` is the kind of ledger row it asks for."""

    deal: Claimed
    firing: NewFiring
    on: date
    task: NewTask | None = None
    moves: str = ""
    notifies: list = field(default_factory=list)
    drafts: bool = False
    calls: bool = False

    @property
    def definition(self):
        return self.firing.definition

    @cached_property
    def why(self):
        """The same words for all deals that waited as long in the same stage."""
        rule, since, stage_id = self.definition, self.firing.since, self.deal.stage_id
        return recalled(("why", rule.pk, since, stage_id, self.on), self._why)

    def _why(self):
        stage = self.deal.process.stage(self.deal.stage_id).name
        return firing_words.why(self.definition, self.firing.since, stage=stage, due_on=self.on)


def firing_of(deal, due, now, state=FiringState.DONE):
    return NewFiring(
        deal_id=deal.pk,
        key=due.key,
        occurrence=due.occurrence,
        definition=due.definition,
        action=due.definition.action,
        state=state,
        since=due.since,
        due_at=due.at,
        fired_at=now,
    )


def fired_by(act):
    """What due.upcoming is to know of it."""
    return Fired(act.firing.fired_at, act.firing.state)


def act_of(deal, due, people, now):
    """The Act of a due rule. A shadow rule only notes."""
    rule = due.definition
    if rule.is_shadow:
        return Act(deal, firing_of(deal, due, now, FiringState.SHADOW), due.on)
    act = Act(deal, firing_of(deal, due, now), due.on)
    _ACTS[rule.action](act, people, now)
    return act


def _task(act, people, now):
    act.task = task_of(act, people, now)


def _re_engage(act, people, now):
    """The first attempt takes the deal out of the forecast; each one gives somebody something to do."""
    if act.deal.status == "open":
        act.moves = "re_engage"
    act.task = task_of(act, people, now)
    act.drafts = True


def _archive(act, people, now):
    """From a set amount on a manager decides."""
    asks = act.definition.asks_above
    if asks is not None and act.deal.amount_base >= asks:
        act.firing.state = FiringState.ASKED
    else:
        act.moves = "archive"


def _notify(act, people, now):
    act.notifies = people.all_for(act.deal, act.definition)


def _mail(act, people, now):
    act.drafts = True


def _webhook(act, people, now):
    act.calls = act.definition.endpoint_id is not None


_ACTS = {
    RuleAction.TASK: _task,
    RuleAction.RE_ENGAGE: _re_engage,
    RuleAction.ARCHIVE: _archive,
    RuleAction.NOTIFY: _notify,
    RuleAction.MAIL: _mail,
    RuleAction.WEBHOOK: _webhook,
}


def task_of(act, people, now):
    """One task for one person, with what it is for."""
    deal, rule = act.deal, act.definition
    return NewTask(
        assignee_id=people.one_for(deal, rule),
        title=recalled(("title", rule.pk), lambda: (rule.title or _title(rule))[:200]),
        purpose=(rule.purpose or act.why)[:300],
        due_on=recalled(("due", rule.pk, deal.team_id, now), lambda: _due_on(rule, deal.team_id, now)),
        created_at=now,
        rule_key=rule.key,
    )


def _due_on(rule, team_id, now):
    calendar = calendar_of(team_id)
    return add_business_days(local_date(now, calendar), rule.due_days, calendar)


def _title(rule):
    if rule.action == RuleAction.RE_ENGAGE:
        return _("Try to reach the buyer again, attempt %d") % max(rule.attempt, 1)
    return _TITLES[rule.trigger]()


_TITLES = {
    RuleTrigger.NO_RESPONSE: lambda: _("Follow up: no answer yet"),
    RuleTrigger.NO_ACTIVITY: lambda: _("Find out whether this is still alive"),
    RuleTrigger.STAGE_ENTERED: lambda: _("Look after what this stage needs"),
    RuleTrigger.OVER_TARGET: lambda: _("Longer in its stage than planned: find out why"),
    RuleTrigger.NEXT_STEP_PASSED: lambda: _("Agree on a next step"),
    RuleTrigger.CLOSE_PASSED: lambda: _("Agree on a new date for the decision"),
}
