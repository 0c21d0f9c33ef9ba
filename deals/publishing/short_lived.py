"""Moves judged by rules that lived less than a day: eased, used and put back, they would otherwise leave no trace.

Two kinds: a definition that ended within a day judged the move, or a criterion was out of force for less than a day
just then, and the move passed where it would have been asked.
"""

from collections import defaultdict
from datetime import timedelta

from django.db.models import F

from pipeline.models import CriterionDefinition, ProcessVersion

from ..models import Deal, Transition
from ..models.machine import Kind

DAY = timedelta(days=1)
FORWARD = [Kind.ADVANCE, Kind.EXCEPTION, Kind.WIN]
_READ = ["pk", "kind", "to_stage_id", "version_id", "snapshot"]


def moves(user):
    """The moves of deals this person sees, newest first, each with what was short-lived."""
    eased, missing = _in_versions(_short_lived()), _in_versions(_gaps())
    orders, found = _orders(missing), defaultdict(list)
    rows = Transition.objects.filter(
        version__in=eased.keys() | missing.keys(), deal__in=Deal.objects.visible_to(user)
    )
    for row in rows.order_by().values_list(*_READ, named=True).iterator():
        judged_by = {entry.get("d") for entry in row.snapshot}
        found[row.pk] += [definition for definition in eased[row.version_id] if definition.pk in judged_by]
        if row.kind in FORWARD:
            order = orders.get(row.version_id)
            found[row.pk] += [d for d in missing[row.version_id] if _would_have_asked(row, d, order)]
    return Moves({pk: definitions for pk, definitions in found.items() if definitions})


class Moves:
    """(transition, [what was short-lived, in definitions]) of each; only the part that is asked for is read."""

    def __init__(self, found):
        self.found, self.ids = found, sorted(found, reverse=True)

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, part):
        rows = Transition.objects.select_related(
            "deal__pipeline", "version", "actor", "from_stage", "to_stage"
        ).in_bulk(self.ids[part])
        return [(rows[pk], self.found[pk]) for pk in self.ids[part]]

    def __iter__(self):
        return iter(self[:])


def _short_lived():
    """(definition, when it began, when it ended) of those that lived less than a day."""
    for definition in CriterionDefinition.objects.filter(
        valid_until__lt=F("valid_from") + DAY
    ).select_related("stage", "version"):
        yield definition, definition.valid_from, definition.valid_until


def _gaps():
    """(definition, when it ended, when the next one of its criterion began) where less than a day lay between."""
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
            yield definition, end, following


def _in_versions(spans):
    """{version id: definitions} of the versions that were in force in the span of each; moves name theirs."""
    versions, found = defaultdict(list), defaultdict(list)
    for pk, pipeline_id, at in ProcessVersion.objects.values_list("pk", "pipeline_id", "published_at"):
        versions[pipeline_id].append((pk, at))
    for definition, start, end in spans:
        for pk, at in versions[definition.version.pipeline_id]:
            if start <= at < end:
                found[pk].append(definition)
    return found


def _orders(versions):
    """{version id: ids of its stages, in order}"""
    kept = ProcessVersion.objects.filter(pk__in=list(versions)).values_list("pk", "snapshot__stages")
    return {pk: [stage["id"] for stage in stages] for pk, stages in kept}


def _would_have_asked(row, definition, order):
    """Whether the way the deal went leads past the stage that had asked it."""
    if definition.stage_id not in order:
        return True  # the stage itself was out of force
    at = order.index(definition.stage_id)
    end = len(order) if row.kind == Kind.WIN else order.index(row.to_stage_id)
    return at < end or (at == end and definition.side == "entry")
