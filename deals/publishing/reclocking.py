"""The clocks of deals after a publication: of those whose timers differ, and of those that it moved."""

from django.utils import timezone

from pipeline.vocabulary import RuleTrigger

from ..models import Deal
from ..rows.among import Among
from ..timers import due_following, due_stored, due_together


class Reclock:
    """One publication's effect on clocks; `moving` are the ids of deals that it will move."""

    def __init__(self, old, new, moving):
        self.new, self.moving = new, moving
        was, will = timed(old), timed(new)
        self.stages = [pk for pk in will if will[pk] != was.get(pk)]
        self.deals = Deal.objects.made().live().filter(stage_id__in=self.stages)
        self.number = self.deals.count()
        # More than these in one transaction would keep who publishes waiting.
        self.follows = self.number + len(moving) > due_following.MOST

    @property
    def steps(self):
        """How many times 2,000 it is told of."""
        if self.follows:
            return 0
        return sum(-(-number // due_stored.CHUNK) for number in (self.number, len(self.moving)))

    def set(self, taken):
        """Bring them in line, or leave that to whoever comes after the commit. The deals have been moved."""
        moved = Deal.objects.filter(Among("pk", self.moving))
        if self.follows:
            entered = moved.order_by().values_list("stage_id", flat=True).distinct() if self.moving else ()
            return due_following.leave(self.new.pipeline_id, {*self.stages, *entered}, timezone.now())
        for deals in (moved, self.deals) if self.moving else (self.deals,):
            due_together.follow(deals, self.new, taken)


def timed(process):
    """{stage id: what the days of its deals' clocks rest on}, in no order: the database gives rules of as many days as
    it likes. A target counts where a rule asks for it."""
    return {stage.stage_id: _timed(process.timers(stage.stage_id), stage) for stage in process.stages}


def _timed(rules, stage):
    asked = any(rule.trigger == RuleTrigger.OVER_TARGET for rule in rules)
    return {rule.pk for rule in rules}, stage.target_days if asked else None
