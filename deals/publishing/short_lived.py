"""Moves judged by rules that lived less than a day: eased, used and put back, they would otherwise leave no trace.

Two kinds: a definition that ended within a day judged the move, or a criterion was out of force for less than a day
just then, and the move passed where it would have been asked.
"""

from datetime import timedelta

from django.db.models import F

from pipeline.models import CriterionDefinition

from ..models import Deal, Transition
from ..models.machine import Kind

DAY = timedelta(days=1)
FORWARD = [Kind.ADVANCE, Kind.EXCEPTION, Kind.WIN]


def moves(user):
    """[(transition, [what was short-lived, in definitions])] of the deals this person sees, newest first."""
    found = {}
    for definition in _short_lived():
        for row in _between(definition, definition.valid_from, definition.valid_until):
            if any(entry.get("d") == definition.pk for entry in row.snapshot):
                found.setdefault(row.pk, (row, []))[1].append(definition)
    for definition, until in _gaps():
        for row in _between(definition, definition.valid_until, until):
            if row.kind in FORWARD and _would_have_asked(row, definition):
                found.setdefault(row.pk, (row, []))[1].append(definition)
    seen = _visible(found, user)
    return [found[pk] for pk in sorted(seen, reverse=True)]


def _short_lived():
    ended = CriterionDefinition.objects.filter(valid_until__lt=F("valid_from") + DAY)
    return ended.select_related("stage", "version")


def _gaps():
    """[(definition, when the next one of its criterion began)] where less than a day lay between."""
    ended = CriterionDefinition.objects.filter(valid_until__isnull=False)
    starts = {}
    for criterion_id, start in (
        CriterionDefinition.objects.filter(criterion__in=ended.values("criterion"))
        .order_by("valid_from")
        .values_list("criterion_id", "valid_from")
    ):
        starts.setdefault(criterion_id, []).append(start)
    for definition in ended.select_related("stage", "version"):
        end = definition.valid_until
        following = next((start for start in starts[definition.criterion_id] if start >= end), None)
        if following and end < following < end + DAY:
            yield definition, following


def _between(definition, start, end):
    rows = Transition.objects.filter(
        version__pipeline=definition.version.pipeline_id, recorded_at__gte=start, recorded_at__lt=end
    )
    return rows.select_related("deal__pipeline", "version", "actor", "from_stage", "to_stage")


def _would_have_asked(row, definition):
    """Whether the way the deal went leads past the stage that had asked it."""
    order = [stage["id"] for stage in row.version.snapshot["stages"]]
    if definition.stage_id not in order:
        return True  # the stage itself was out of force
    at = order.index(definition.stage_id)
    end = len(order) if row.kind == Kind.WIN else order.index(row.to_stage_id)
    return at < end or (at == end and definition.side == "entry")


def _visible(found, user):
    deals = {row.deal_id for row, _definitions in found.values()}
    seen = set(Deal.objects.visible_to(user).filter(pk__in=deals).values_list("pk", flat=True))
    return [pk for pk, (row, _definitions) in found.items() if row.deal_id in seen]
