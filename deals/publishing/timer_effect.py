"""What other timers of a draft would do today: whom they would reach at once, and whom no longer. Nothing is changed.

Every rule that depends on time counts, of the pipeline or of a stage of its own, by the day due.py counts from. Who is
past a timer in force has had it; so what differs is who is past one and not the other.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property

from pipeline.drafting import process_of_draft
from pipeline.process import process_of
from pipeline.rule_words import in_words
from pipeline.vocabulary import RuleAction, RuleTrigger
from team.calendar import by_calendar, latest_start, local_date, start_of

from ..models import Status
from .what_if import reached_of

_QUIET = Coalesce("last_buyer_activity_at", "known_since", "created_at")
# What each kind of rule counts from: silence, which a pause puts off, the day of entering, or a day of the deal.
_ENTERED = {RuleTrigger.STAGE_ENTERED, RuleTrigger.OVER_TARGET}
_DAYS = {RuleTrigger.NEXT_STEP_PASSED: "next_step_on", RuleTrigger.CLOSE_PASSED: "expected_close"}
_WHEN = ["trigger", "days", "business_days", "action"]


def changed_timers(pipeline, deals, now):
    """A Timer for each rule that the draft lets run otherwise, over the given deals."""
    if pipeline.version_id is None:
        return []
    old, new = process_of(pipeline), process_of_draft(pipeline)
    live = deals.live().filter(pipeline=pipeline)
    found = {}
    for stage in new.stages:
        if stage.stage_id not in old:
            continue
        for key in dict.fromkeys(rule.key for rule in (*old.rules, *new.rules)):
            was, will = Side.of(old, key, stage.stage_id), Side.of(new, key, stage.stage_id)
            if was.when != will.when:
                found.setdefault((key, was.same, will.same), []).append((stage, was, will))
    return [Timer(places, len(new.stages), live, now) for places in found.values()]


@dataclass(frozen=True)
class Side:
    """One rule as it runs in a stage; `rule` is None where it does not."""

    rule: object
    target: int

    @classmethod
    def of(cls, process, key, stage_id):
        return cls(process.rule(key, stage_id), process.stage(stage_id).target_days)

    @property
    def when(self):
        """All that decides whom it reaches when."""
        if self.rule is None:
            return None
        counted = self.target if self.rule.trigger == RuleTrigger.OVER_TARGET else 0
        return (*(getattr(self.rule, name) for name in _WHEN), counted)

    @property
    def same(self):
        """Rules of which this is the same belong on one line."""
        return self.rule and (self.rule.rule_id, self.when[:-1])


class Timer:
    """One line: the rule as it would be, and the deals that it reaches at once, or no longer."""

    def __init__(self, places, stages, deals, now):
        self.places, self.deals, self.now = places, deals, now
        _stage, self.was, self.will = places[0]
        self.where = "" if len(places) == stages else ", ".join(stage.name for stage, _was, _will in places)

    @property
    def words(self):
        return in_words(self.will.rule or self.was.rule)

    @property
    def before(self):
        """How it runs now, where it will run otherwise."""
        return in_words(self.was.rule) if self.was.rule and self.will.rule else ""

    @property
    def ends(self):
        return self.will.rule is None

    @property
    def leaves_alone(self):
        """A rule that counts from entering a stage never reaches who was past it before the rule was."""
        return bool(self.will.rule) and self.will.rule.trigger == RuleTrigger.STAGE_ENTERED

    @cached_property
    def more(self):
        return reached_of(self.newly())

    @cached_property
    def fewer(self):
        return reached_of(self.no_longer())

    def newly(self):
        return self._past(2).exclude(pk__in=self._past(1).values("pk"))

    def no_longer(self):
        return self._past(1).exclude(pk__in=self._past(2).values("pk"))

    def _past(self, side):
        """Deals for which the days of one side are over today."""
        found = Q(pk__in=[])
        for place in self.places:
            if place[side].rule is not None:
                found |= Q(stage=place[0].stage_id) & self._over(place[side])
        return self.deals.alias(quiet_since=_QUIET).filter(found)

    def _over(self, side):
        rule, over = side.rule, Q(pk__in=[])
        for calendar, teams in by_calendar():
            today = local_date(self.now, calendar)
            day = latest_start(today, rule.days, calendar) if rule.business_days and rule.days else None
            over |= teams & self._began(side, day or today - timedelta(days=rule.days), calendar)
        statuses = [Status.OPEN]
        if rule.action == RuleAction.ARCHIVE:
            statuses.append(Status.RE_ENGAGING)
        return over & Q(status__in=statuses)

    def _began(self, side, day, calendar):
        """What the rule counts from lies on this day at the latest."""
        trigger = side.rule.trigger
        if trigger in _DAYS:
            return Q(**{f"{_DAYS[trigger]}__lte": day})
        if trigger in _ENTERED:
            target = side.target if trigger == RuleTrigger.OVER_TARGET else 0
            return Q(stage_entered_at__lt=_end_of(day - timedelta(days=target), calendar))
        waits = trigger == RuleTrigger.NO_RESPONSE
        column, put_off = _WAITING if waits else _SILENT
        began = Q(pk__in=[])
        for held in self._held[put_off]:
            began |= Q(**{put_off: held, f"{column}__lt": _end_of(day - timedelta(days=held), calendar)})
        return began

    @cached_property
    def _held(self):
        """Days of pauses there are among the deals: they put silence off."""
        deals = self.deals.order_by()
        return {
            name: list(deals.values_list(name, flat=True).distinct()) for _moment, name in (_WAITING, _SILENT)
        }


# What silence counts from, and the days of pauses since then.
_WAITING, _SILENT = ("awaiting_since", "awaiting_held_days"), ("quiet_since", "held_days")


def _end_of(day, calendar):
    return start_of(day + timedelta(days=1), calendar)


def largest_first(deals):
    return deals.select_related("stage", "owner", "company").order_by("-amount_base", "pk")
