"""The draft that was looked at becomes the process, or nothing does."""

from django.db import transaction
from django.utils import timezone

from pipeline.completeness import problems_of
from pipeline.difference import difference
from pipeline.drafted import Drafted
from pipeline.models import Pipeline
from pipeline.publishing import IncompleteProcess, publish
from pipeline.snapshots import draft_digest, snapshot


class DraftChanged(Exception):
    """Somebody edited the draft after its effect was shown; another one is not published unseen."""


@transaction.atomic
def put_in_force(pipeline, *, digest, by, note, binding=None, restores=None, now=None):
    """Publish the draft of this digest. `restores`: number of the older version it was taken from.

    Raises DraftChanged, IncompleteProcess.
    """
    now = now or timezone.now()
    locked = Pipeline.objects.select_for_update(no_key=True).get(pk=pipeline.pk)
    drafted = Drafted(locked)
    if draft_digest(locked, drafted) != digest:
        raise DraftChanged
    if problems := problems_of(locked, drafted):
        raise IncompleteProcess(problems)
    restored = restored_version(locked, restores)
    return publish(locked, by=by, note=note, binding=binding, now=now, restores=restored)


def restored_version(pipeline, number):
    """The older version of that number where the draft says just what it said; None otherwise."""
    version = pipeline.versions.filter(number=number).first() if number else None
    same = version and not difference(version.snapshot, snapshot(pipeline))
    return version if same else None
