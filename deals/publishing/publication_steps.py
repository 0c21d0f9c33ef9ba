"""How far a publication is, for whoever waits for it.

Kept in the cache, since nothing of its transaction shows before it ends.
"""

from dataclasses import dataclass

from django.core.cache import cache

_KEPT = 300  # seconds; a publication that was cut off is forgotten


@dataclass
class Steps:
    """So many steps of one pipeline's publication; `taken()` says that some more are done. To be used in a `with`."""

    pipeline_id: int
    of: int
    done: int = 0

    def __enter__(self):
        self._tell()
        return self

    def taken(self, number=1):
        self.done = min(self.done + number, self.of)
        self._tell()

    def __exit__(self, *error):
        cache.delete(_key(self.pipeline_id))

    def _tell(self):
        cache.set(_key(self.pipeline_id), (self.done, self.of), _KEPT)


def of(pipeline_id):
    """(steps done, steps in all) of the publication that runs, None where none does."""
    return cache.get(_key(pipeline_id))


def _key(pipeline_id):
    return f"publishing-{pipeline_id}"
