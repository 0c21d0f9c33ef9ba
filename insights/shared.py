"""One count of the panels for all who look at the same, and never more of the server than it can give.

A page that somebody opens is counted as things stand. Pages that stand open and ask for themselves anew, because
something changed, share what was counted for one of them, for some seconds: longer where counting took long.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.db import connection

from team.digits import number_in

from . import freshness

# Seconds a count is handed out: at least so many, and so many times what counting took.
LEAST, TIMES, MOST = 2, 3, 60
# Milliseconds after which a page asks what changed: at least so many, and so many times what counting took.
ASKED, ASKED_TIMES, ASKED_MOST = 6000, 8, 120_000
# So many views are kept in mind by a process; a view's panels are some hundred kilobytes.
VIEWS = 32


@dataclass(frozen=True)
class Counted:
    """`panels`: what was counted; `made`: when, in ms; `took` seconds."""

    word: str
    panels: list
    made: int
    took: float

    @property
    def is_new(self):
        """Not of tomorrow either, where a clock was put back."""
        return 0 <= _now() - self.made < 1000 * min(max(LEAST, TIMES * self.took), MOST)

    @property
    def version(self):
        """The word a page carries, with when it was made: of two processes one may know an older state."""
        return f"{self.made}~{self.word}"

    @property
    def every(self):
        """When a page made of it is to ask again, in ms."""
        return round(min(max(ASKED, ASKED_TIMES * 1000 * self.took), ASKED_MOST))


_kept, _busy, _lock = OrderedDict(), set(), threading.Lock()


def forget():
    with _lock:
        _kept.clear()


def counted(lens, count, since=""):
    """What `count()` gives, as Counted. A page that stands open names the version it has: it may get what was counted
    for another some seconds ago, or what is known while another counts; any other is counted as things stand."""
    key = _view(lens)
    known = _kept.get(key)
    if since and known and (key in _busy or _is_later(known, since)):
        return known
    _busy.add(key)
    try:
        start, made = time.monotonic(), _now()
        word = freshness.version(lens)
        found = Counted(word, count(), made, time.monotonic() - start)
    finally:
        _busy.discard(key)
    _keep(key, found)
    return found


def is_same(lens, since):
    """Whether the page of this version is what would be shown now."""
    known = _kept.get(_view(lens))
    if known and _is_later(known, since):
        return False
    return freshness.is_same(lens, since.rpartition("~")[2])


def _view(lens):
    """Equal for those who see the same deals by the same rights, filtered alike."""
    user = lens.user
    who = ("all", user.is_admin) if lens.sees_all else (user.pk, user.level, *user.team_ids)
    return connection.settings_dict["NAME"], who, lens.query, lens.today


def _keep(key, found):
    with _lock:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > VIEWS:
            _kept.popitem(last=False)


def _is_later(known, since):
    """Still good, and of a later moment than what the page shows."""
    made = number_in(since.partition("~")[0])
    return known.is_new and known.version != since and made is not None and made < known.made


def _now():
    return round(time.time() * 1000)
