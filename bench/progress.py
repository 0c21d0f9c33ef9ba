"""How much of a publication's progress is to be seen by who waits for it."""

import time
from itertools import pairwise
from threading import Event, Thread

from deals.publishing import publication_steps


class Watched:
    """Looks at a publication's progress as the page does that waits for it: ten times a second, from beside."""

    def __init__(self, pipeline_id):
        self.pipeline_id, self.seen, self.done = pipeline_id, [], Event()
        self.thread = Thread(target=self._look, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.done.set()
        self.thread.join()

    def _look(self):
        while not self.done.wait(0.1):
            told = publication_steps.of(self.pipeline_id)
            if told and (not self.seen or told != self.seen[-1][1]):
                self.seen.append((time.perf_counter(), told))

    def in_words(self):
        if not self.seen:
            return "no progress to tell"
        moments = [moment for moment, _told in self.seen]
        longest = max((after - before for before, after in pairwise(moments)), default=0)
        return f"{len(self.seen)} states of {self.seen[-1][1][1]} steps seen, {longest:.1f} s apart at most"
