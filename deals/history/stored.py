"""I10: what is stored about deals is what follows from their rows. The same expressions as the recount's."""

from django.db.models import Max, Q

from pipeline.models import Pipeline
from pipeline.process import process_of

from .. import counts
from ..models import Deal
from .findings import Finding

_CHUNK = 5000


def findings(today, progress):
    """Deals whose day of recounting has passed are left to the tick: they are late, not wrong."""
    last = Deal.objects.aggregate(last=Max("pk"))["last"] or 0
    for pipeline in Pipeline.objects.filter(version__isnull=False).select_related("version"):
        process = process_of(pipeline)
        for stage in process.stages:
            derived = {f"derived_{name}": e for name, e in counts.expressions(process, stage, today).items()}
            for start in range(0, last + 1, _CHUNK):
                yield from _differing(_deals(stage, today, start), derived)
            progress(f"stored counts, {pipeline}: {stage.name}")


def _deals(stage, today, start):
    still = Q(stands_until__isnull=True) | Q(stands_until__gte=today)
    deals = Deal.objects.made().live().filter(still, stage_id=stage.stage_id)
    return deals.filter(pk__gte=start, pk__lt=start + _CHUNK).order_by("pk")


def _differing(deals, derived):
    for row in deals.annotate(**derived).values("pk", *counts.COLUMNS, *derived):
        for name in counts.COLUMNS:
            stored, follows = row[name], row[f"derived_{name}"]
            if stored != follows:
                yield Finding("I10", f"stores {name} {stored}, from its rows follows {follows}", row["pk"])
