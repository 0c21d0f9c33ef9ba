"""Stages leave the process without being deleted: their deals and their history still point to them.

All of it is part of the draft. What deals a stage holds, and their way to another stage, follows when it is published.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Stage
from .ordering import next_position
from .slugs import free_slug

# Called as holder(stage) -> Held. Deals add theirs, since the pipeline knows nothing of them.
holders = []


@dataclass(frozen=True)
class Held:
    """Live deals in a stage, and their money in the organisation's currency."""

    count: int = 0
    money: Decimal = Decimal(0)

    def __add__(self, other):
        return Held(self.count + other.count, self.money + other.money)


class NoDestination(Exception):
    """The stage holds live deals, and nobody said where they go."""


def live_deals(stage):
    return sum((holder(stage) for holder in holders), Held())


def destinations(stage):
    """Stages its deals may go to."""
    return stage.pipeline.stages.current().exclude(pk=stage.pk)


def destination(stage):
    """Where the deals of a retired stage go in the end; None where nothing was said, or it leads nowhere."""
    seen = set()
    while stage is not None and stage.retired_at is not None and stage.pk not in seen:
        seen.add(stage.pk)
        stage = stage.retired_to
    return stage if stage is not None and stage.retired_at is None else None


@transaction.atomic
def retire(stage, to=None, *, move_criteria=False):
    """Take the stage out of the draft; its deals will go to `to`, which its criteria may join (a merger).

    Raises NoDestination.
    """
    if to is None and live_deals(stage).count:
        raise NoDestination
    if to is not None and move_criteria:
        _join(stage, to)
    stage.retired_at, stage.position, stage.retired_to = timezone.now(), None, to
    stage.save(update_fields=["retired_at", "position", "retired_to"])


def _join(stage, to):
    """The criteria still asked go along, behind those that are there; the next step is asked there already."""
    taken = set(to.criteria.values_list("slug", flat=True))
    asks_next_step = to.criteria.filter(retired_at__isnull=True, kind="next_step").exists()
    place = next_position(to.criteria)
    for criterion in stage.criteria.filter(retired_at__isnull=True).order_by("position", "pk"):
        if criterion.kind == "next_step" and asks_next_step:
            continue
        criterion.slug = free_slug(criterion.slug, taken, "criterion")
        taken.add(criterion.slug)
        criterion.stage, criterion.position = to, place
        criterion.save(update_fields=["stage", "slug", "position"])
        place += 1


@transaction.atomic
def bring_back(stage):
    """Back in the draft, as the last stage."""
    stage.retired_at, stage.retired_to = None, None
    stage.position = next_position(stage.pipeline.stages)
    stage.save(update_fields=["retired_at", "retired_to", "position"])


def problems(pipeline):
    """Retired stages that still hold live deals with nowhere to go, in words."""
    return [
        _("%(stage)s: it is retired and holds %(count)d live deals. Say where they go.")
        % {"stage": stage.name, "count": held.count}
        for stage in pipeline.stages.filter(retired_at__isnull=False).select_related("retired_to")
        if destination(stage) is None and (held := live_deals(stage)).count
    ]


def surgery_of(pipeline):
    """[(retired stage, where its deals go or None, Held)] of what publishing the draft would move."""
    rows = Stage.objects.filter(pipeline=pipeline, retired_at__isnull=False)
    found = [(stage, destination(stage), live_deals(stage)) for stage in rows.select_related("retired_to")]
    return [row for row in found if row[2].count]
