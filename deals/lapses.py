"""Deals whose proof ran out overnight: nobody wrote anything, yet what is stored about them is no longer true."""

from django.db import transaction

from pipeline.models import Pipeline
from pipeline.process import process_of
from team.calendar import local_date
from team.models import Organisation

from . import counts
from .locking import share_lock
from .models import Deal

_CHUNK = 1000


def recount_lapsed(now):
    """Recount live deals whose `stands_until` has passed on the local date of `now`. Returns how many."""
    today = local_date(now, Organisation.current())
    lapsed = Deal.objects.made().live().filter(stands_until__lt=today)
    pipelines = Pipeline.objects.filter(pk__in=lapsed.values("pipeline").distinct()).select_related("version")
    return sum(_recount_pipeline(pipeline, lapsed, today) for pipeline in pipelines)


def _recount_pipeline(pipeline, lapsed, today):
    """Chunk by chunk; a deal recounted stands until a later day, so each chunk is new."""
    written = 0
    while ids := list(lapsed.filter(pipeline=pipeline).order_by("pk").values_list("pk", flat=True)[:_CHUNK]):
        with transaction.atomic():
            share_lock(pipeline.pk)
            locked = Deal.objects.for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True)
            step = counts.recount(process_of(pipeline), today, Deal.objects.filter(pk__in=list(locked)))
        written += step
        if step == 0:  # deals in a stage the process no longer has
            break
    return written
