"""The draft of a pipeline as the pages that edit it show it: how far it is from what is in force."""

from functools import cached_property

from .completeness import open_gates
from .difference import of_draft
from .models import ScheduledPublication
from .process import with_version


def pending(pipeline):
    """The publication that waits for its time; None where none does."""
    waiting = ScheduledPublication.objects.filter(
        pipeline=pipeline, version__isnull=True, cancelled_at__isnull=True, error=""
    )
    return waiting.select_related("by").first()


class Draft:
    def __init__(self, pipeline):
        self.pipeline = with_version(pipeline.pk)

    @cached_property
    def difference(self):
        return of_draft(self.pipeline)

    @property
    def count(self):
        return len(self.difference)

    @property
    def version(self):
        """What is in force; None before the first publication."""
        return self.pipeline.version

    @cached_property
    def next_number(self):
        last = self.pipeline.versions.order_by("-number").first()
        return last.number + 1 if last else 1

    @cached_property
    def scheduled(self):
        return pending(self.pipeline)

    @cached_property
    def open_gates(self):
        return open_gates(self.pipeline)
