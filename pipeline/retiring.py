"""Stages leave the process without being deleted: their deals and their history still point to them."""

from django.utils import timezone

from .ordering import next_position

# Called as holder(stage) -> how many live deals stand there. Deals add theirs, since the pipeline knows nothing of
# them.
holders = []


class StillHeld(Exception):
    """The stage holds `count` live deals, which need another place first."""

    def __init__(self, count):
        self.count = count
        super().__init__(count)


def live_deals(stage):
    return sum(holder(stage) for holder in holders)


def retire(stage):
    """Raises StillHeld. The draft changes; publishing is the caller's."""
    if count := live_deals(stage):
        raise StillHeld(count)
    stage.retired_at, stage.position = timezone.now(), None
    stage.save(update_fields=["retired_at", "position"])


def bring_back(stage):
    """Back in use, as the last stage."""
    stage.retired_at, stage.retired_to = None, None
    stage.position = next_position(stage.pipeline.stages)
    stage.save(update_fields=["retired_at", "retired_to", "position"])
