"""Publications with a time of their own. The tick puts them in force, or says why not."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from pipeline.drafts import pending
from pipeline.models import Pipeline, ScheduledPublication
from pipeline.publishing import IncompleteProcess
from team import notices

from .force import DraftChanged, put_in_force


class AlreadyScheduled(Exception):
    """One publication of this pipeline waits already."""


@transaction.atomic
def schedule(pipeline, *, at, digest, by, note, binding, now, restores=None):
    """Note the draft of this digest for publication at that time. `restores` as for put_in_force."""
    locked = Pipeline.objects.select_for_update(no_key=True).get(pk=pipeline.pk)
    if pending(locked):
        raise AlreadyScheduled
    return ScheduledPublication.objects.create(
        pipeline=locked,
        at=at,
        by=by,
        note=note,
        binding={
            str(key): value if isinstance(value, str) else value.isoformat() for key, value in binding.items()
        },
        draft_digest=digest,
        restores=restores,
        created_at=now,
    )


def unschedule(pipeline, now):
    """Call off what waits. Whether there was anything."""
    return bool(waiting().filter(pipeline=pipeline).update(cancelled_at=now))


def waiting():
    return ScheduledPublication.objects.filter(version__isnull=True, cancelled_at__isnull=True, error="")


def publish_due(now):
    """(published, refused): do what is due, each for itself."""
    results = [_publish(pk, now) for pk in waiting().filter(at__lte=now).values_list("pk", flat=True)]
    done = [result for result in results if result is not None]
    return sum(done), len(done) - sum(done)


@transaction.atomic
def _publish(pk, now):
    """True: in force. False: refused, and said to whom it matters. None: another process did it already."""
    due = ScheduledPublication.objects.select_for_update(of=("self",)).select_related("pipeline", "by")
    row = due.filter(pk=pk, version__isnull=True, cancelled_at__isnull=True, error="").first()
    if row is None:
        return None
    before = row.pipeline.version_id
    try:
        with transaction.atomic():
            version = put_in_force(
                row.pipeline,
                digest=row.draft_digest,
                by=row.by,
                note=row.note,
                binding=row.binding,
                restores=row.restores,
                now=now,
            )
    except DraftChanged:
        return _refuse(row, _("The draft was edited after it was scheduled."), now)
    except IncompleteProcess as incomplete:
        return _refuse(row, " ".join(incomplete.problems), now)
    if version.pk == before:
        return _refuse(row, _("Nothing was left to publish."), now)
    row.version = version
    row.save(update_fields=["version"])
    words = _("“%(name)s” version %(number)d is in force, as scheduled.")
    _tell(row, words % {"name": row.pipeline, "number": version.number}, now)
    return True


def _refuse(row, why, now):
    row.error = why
    row.save(update_fields=["error"])
    words = _("“%(name)s” was not published as scheduled: %(why)s")
    _tell(row, words % {"name": row.pipeline, "why": why}, now)
    return False


def _tell(row, words, now):
    """The process owner and who scheduled it."""
    people = {person.pk: person for person in (row.pipeline.process_owner, row.by) if person}
    url = reverse("process_versions", args=[row.pipeline.slug])
    notices.tell(people.values(), words, key=f"scheduled-{row.pk}", url=url, now=now)
