"""I11: every file a deal names is there, unchanged, and no file lies around that no deal names."""

import hashlib
import os
import time
from pathlib import Path

from django.conf import settings

from ..models import Attachment
from .findings import Finding

_YOUNG_SECONDS = 3600
_PIECE = 1 << 20


def findings(progress):
    """A file younger than an hour may belong to a request under way."""
    named = set()
    for attachment in Attachment.objects.order_by("pk").iterator(chunk_size=2000):
        named.add(attachment.file.name)
        yield from _of_one(attachment)
        progress(f"file {len(named):,}")
    for name in _lying_around(named):
        yield Finding("I11", f"no deal names the file {name}")


def _of_one(attachment):
    path = Path(settings.MEDIA_ROOT) / attachment.file.name
    try:
        digest = _sha256(path)
    except FileNotFoundError:
        yield Finding("I11", f"the file of attachment {attachment.pk} is missing", attachment.deal_id)
    except OSError as error:
        said = f"the file of attachment {attachment.pk} cannot be read: {error.strerror}"
        yield Finding("I11", said, attachment.deal_id)
    else:
        if digest != attachment.sha256:
            said = f"the file of attachment {attachment.pk} is not the one that was added"
            yield Finding("I11", said, attachment.deal_id)


def _sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _lying_around(named):
    root = Path(settings.MEDIA_ROOT)
    for folder, _folders, files in os.walk(root):
        for name in files:
            path = Path(folder) / name
            if (
                str(path.relative_to(root)) not in named
                and path.stat().st_mtime < time.time() - _YOUNG_SECONDS
            ):
                yield path.relative_to(root)
