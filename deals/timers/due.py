"""What comes next for a deal if the buyer stays quiet and nobody acts: computed from the published rules alone.

Follow-ups count from the message that waits for an answer, attempts to re-engage too, or from the end of the archive's
days where nothing waits. The archive comes when the days without buyer activity are over and the window of the last
attempt has passed, never before. Days of a pause are not counted. Timers fire at 00:00 of their day.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from pipeline.models import RuleDefinition
from pipeline.vocabulary import RuleAction, RuleTrigger
from team.calendar import add_business_days, local_date, start_of

from ..models import FiringState, Status

_CHAIN = (RuleAction.RE_ENGAGE, RuleAction.ARCHIVE)
OF_SILENCE = (RuleTrigger.NO_RESPONSE, RuleTrigger.NO_ACTIVITY)
_ORDER = {RuleAction.RE_ENGAGE: 1, RuleAction.ARCHIVE: 2}
_RUNS = (Status.OPEN, Status.RE_ENGAGING)


class Fired(NamedTuple):
    """What is remembered of a firing: when it was, how it ended."""

    at: datetime
    state: str = FiringState.DONE
    ended_at: datetime | None = None
    kept_until: date | None = None


class Due(NamedTuple):
    """One rule's day for one deal. `since` is the day it counts from, `occurrence` names what it counts from."""

    on: date
    at: datetime
    definition: RuleDefinition
    occurrence: str
    since: date

    @property
    def key(self):
        return self.definition.key


def upcoming(deal, process, calendar, fired):
    """Every Due that has not fired yet, soonest first. `fired`: {(key, occurrence): Fired} of this deal."""
    if deal.status not in _RUNS or deal.stage_id not in process:
        return []
    return sorted(Schedule(deal, process, calendar, fired).all(), key=_order)


def soonest(deal, process, calendar, fired):
    """The first of them, None where there is none; what comes after it is not worked out."""
    if deal.status not in _RUNS or deal.stage_id not in process:
        return None
    return min(Schedule(deal, process, calendar, fired).first(), key=_order, default=None)


def _order(due):
    return due.at, _ORDER.get(due.definition.action, 0), due.definition.id


def stamp(moment):
    """An instant as an occurrence's name."""
    return str(round(moment.timestamp() * 1_000_000))


def quiet_since(deal):
    """Since when the buyer has done nothing: their last act, else when we began to watch."""
    return deal.last_buyer_activity_at or deal.known_since or deal.created_at


def quiet_from(deal, calendar):
    """The day silence counts from; a pause since then puts it off."""
    return local_date(quiet_since(deal), calendar) + timedelta(days=deal.held_days)


def waits_from(deal, calendar):
    """The same for waiting for an answer."""
    return local_date(deal.awaiting_since, calendar) + timedelta(days=deal.awaiting_held_days)


class Schedule:
    """The days of one deal's rules."""

    def __init__(self, deal, process, calendar, fired):
        self.deal, self.process, self.calendar, self.fired = deal, process, calendar, fired
        self.quiet, self.silence = quiet_from(deal, calendar), stamp(quiet_since(deal))
        self.waiting = waits_from(deal, calendar) if deal.awaiting_since else None

    def all(self):
        return [*self._singles(), *self.chain()]

    def first(self):
        """Those that may be the soonest: where nothing has fired, an attempt's window lies before all that follows."""
        found = self._singles()
        for link in self.chain():
            found.append(link)
            if link.definition.window_days and not self.fired:
                break
        return found

    def _singles(self):
        _attempts, _archive, others = self.process.chain(self.deal.stage_id)
        return [due for rule in others if (due := self.single(rule))]

    def _local(self, moment):
        return local_date(moment, self.calendar)

    def single(self, rule):
        """The Due of a rule that stands for itself, None where it does not apply or has fired."""
        if self.deal.status != Status.OPEN:
            return None
        start = _STARTS[rule.trigger](self, rule)
        if start is None or (rule.key, start.occurrence) in self.fired:
            return None
        on = self._after(start.day, start.days, rule.business_days)
        at = start.exactly if start.exactly and not start.days else self._midnight(on)
        if rule.trigger == RuleTrigger.STAGE_ENTERED and at < rule.valid_from:
            return None  # who was there before the rule was
        return Due(on, at, rule, start.occurrence, start.day)

    def stands(self, rule, occurrence):
        """Whether what a firing counted from is still so."""
        if rule.action in _CHAIN:
            return occurrence.partition("/")[0] == self.silence
        start = _STARTS[rule.trigger](self, rule)
        return start is not None and start.occurrence == occurrence

    def chain(self):
        """Attempts to re-engage, one after the other, then the archive."""
        attempts, archive, _others = self.process.chain(self.deal.stage_id)
        silence, last = self.silence, None
        for number, rule in enumerate(attempts):
            before = self.fired.get((rule.key, silence))
            if before:
                last = self._local(before.at) + timedelta(days=rule.window_days)
                continue
            on = last or self._first_attempt(rule, archive)
            if number and self.waiting:
                on = max(
                    on, self._first_attempt(attempts[0], archive) + timedelta(rule.days - attempts[0].days)
                )
            yield Due(on, self._midnight(on), rule, silence, self._chain_start(rule))
            last = on + timedelta(days=rule.window_days)
        if archive:
            yield from self._archive(archive, silence, last)

    def _chain_start(self, rule):
        answer = rule.trigger == RuleTrigger.NO_RESPONSE and self.waiting
        return self.waiting if answer else self.quiet

    def _first_attempt(self, rule, archive):
        """Counted from the message that waits; where none was ever sent, the days of the archive run first."""
        if rule.trigger == RuleTrigger.NO_ACTIVITY or self.waiting:
            return self._after(self._chain_start(rule), rule.days, rule.business_days)
        return self.quiet + timedelta(days=max(archive.days if archive else 0, rule.days))

    def _archive(self, rule, silence, last):
        """Once in a silence; who was brought back without a word of the buyer is watched anew."""
        on, number = self._after(self.quiet, rule.days, rule.business_days), 0
        occurrence = silence
        while before := self.fired.get((rule.key, occurrence)):
            if before.state == FiringState.ASKED:
                return []
            number += 1
            occurrence = f"{silence}/{number}"
            ended = self._local(before.ended_at or before.at) + timedelta(days=rule.days)
            on = before.kept_until or ended
        on = max(on, last) if last else on
        return [Due(on, self._midnight(on), rule, occurrence, self.quiet)]

    def _after(self, day, days, business):
        if business and days:
            return add_business_days(day, days, self.calendar)
        return day + timedelta(days=days)

    def _midnight(self, day):
        return start_of(day, self.calendar)


class _Start(NamedTuple):
    """The day a rule counts from, under which name, and how many days."""

    day: date
    occurrence: str
    days: int
    exactly: datetime | None = None


def _no_response(schedule, rule):
    if schedule.waiting is None:
        return None
    return _Start(schedule.waiting, stamp(schedule.deal.awaiting_since), rule.days)


def _no_activity(schedule, rule):
    return _Start(schedule.quiet, schedule.silence, rule.days)


def _stage_entered(schedule, rule):
    entered = schedule.deal.stage_entered_at
    return entered and _Start(schedule._local(entered), stamp(entered), rule.days, entered)


def _over_target(schedule, rule):
    """A target is in days of the calendar, whatever the rule counts beyond it."""
    entered = schedule.deal.stage_entered_at
    target = timedelta(days=schedule.process.stage(schedule.deal.stage_id).target_days)
    return entered and _Start(schedule._local(entered) + target, stamp(entered), rule.days)


def _next_step_passed(schedule, rule):
    day = schedule.deal.next_step_on
    return day and _Start(day, day.isoformat(), rule.days)


def _close_passed(schedule, rule):
    day = schedule.deal.expected_close
    return day and _Start(day, day.isoformat(), rule.days)


_STARTS = {
    RuleTrigger.NO_RESPONSE: _no_response,
    RuleTrigger.NO_ACTIVITY: _no_activity,
    RuleTrigger.STAGE_ENTERED: _stage_entered,
    RuleTrigger.OVER_TARGET: _over_target,
    RuleTrigger.NEXT_STEP_PASSED: _next_step_passed,
    RuleTrigger.CLOSE_PASSED: _close_passed,
}
