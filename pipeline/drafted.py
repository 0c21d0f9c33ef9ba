"""The rows of a draft, read once for all that is asked of them: what they lack, what differs, what is kept of them."""

from functools import cached_property

from django.db.models import prefetch_related_objects

from .models import Criterion


class Drafted:
    def __init__(self, pipeline):
        self.pipeline = pipeline
        self._stages = list(pipeline.stages.order_by("position"))
        self.stages = [stage for stage in self._stages if stage.retired_at is None]

    @property
    def has_retired(self):
        return len(self.stages) < len(self._stages)

    @cached_property
    def criteria(self):
        """Still asked, in the order of their stages."""
        places = {stage.pk: place for place, stage in enumerate(self.stages)}
        stages = {stage.pk: stage for stage in self.stages}
        asked = Criterion.objects.filter(stage__in=places, retired_at__isnull=True).order_by("position", "id")
        found = sorted(asked, key=lambda criterion: places[criterion.stage_id])
        for criterion in found:
            criterion.stage = stages[criterion.stage_id]
        return found

    @cached_property
    def rules(self):
        """Those of retired stages, too: where a stage comes back, so do they."""
        rules = list(self.pipeline.rules.order_by("days", "id"))
        prefetch_related_objects([rule for rule in rules if rule.endpoint_id], "endpoint")
        return rules

    @property
    def rules_in_use(self):
        in_use = {None, *(stage.pk for stage in self.stages)}
        return [rule for rule in self.rules if rule.stage_id in in_use]
