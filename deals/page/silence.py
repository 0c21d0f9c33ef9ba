"""The face of the silence clock, drawn: where today is, and what comes when if the buyer stays quiet."""

from dataclasses import dataclass
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from team import formats
from team.calendar import calendar_of, local_date

from .. import clocks

LEFT, RIGHT = 16, 304
CLOSE = 56  # labels nearer than this would touch
LABEL = 48  # about as wide is one


@dataclass
class Tick:
    x: int
    label: str
    day: str
    anchor: str
    low: bool = False
    # A low label's line would run through the label of its right neighbour.
    short: bool = False

    @property
    def foot(self):
        return 64 if self.low and not self.short else 36

    @property
    def line(self):
        return 78 if self.low else 50

    @property
    def under(self):
        return self.line + 14


@dataclass
class Face:
    """Places on a line 320 wide, from the last word of the buyer to the last mark."""

    now: int
    now_anchor: str
    ticks: list
    words: str
    since: object
    # Whose decision the archive is; empty without such a timer.
    decides: str = ""

    @property
    def height(self):
        return 96 if any(tick.low for tick in self.ticks) else 68

    @property
    def done(self):
        return self.now - 6

    @classmethod
    def of(cls, deal, process, organisation, today, fired=None):
        """None for a deal no clock runs for."""
        marks = clocks.face(deal, process, organisation, fired) if deal.is_live else []
        if not marks:
            return None
        start = local_date(deal.last_buyer_activity_at or clocks.since(deal), calendar_of(deal.team_id))
        whole = max((marks[-1].day - start).days, (today - start).days, 1)
        place = _Place(start, whole)
        x = place.of(today)
        words = ", ".join(
            _("%(what)s on %(day)s") % {"what": _name(m), "day": formats.day_short(m.day)} for m in marks
        )
        return cls(
            x,
            _anchor(x),
            _ticks(marks, place),
            words,
            deal.last_buyer_activity_at,
            _who_archives(deal, process),
        )


@dataclass(frozen=True)
class _Place:
    start: object
    whole: int

    def of(self, day):
        share = min(1, max(0, (day - self.start).days / self.whole))
        return round(LEFT + share * (RIGHT - LEFT))


def _name(mark):
    names = {"follow_up": _("Follow-up"), "optional": _("Follow-up"), "task": _("Task")}
    names |= {"re_engage": _("Re-engage"), "archive": _("Archive")}
    kind = next((kind for kind in names if mark.key == kind or mark.key.startswith(f"{kind}_")), "")
    if kind == "re_engage" and mark.key != kind:
        return _("Attempt %s") % mark.key.rpartition("_")[2]
    return names.get(kind, mark.key)


def _who_archives(deal, process):
    rule = process.rule("archive", deal.stage_id)
    if rule is None or rule.is_shadow:
        return ""
    if rule.asks_above is not None and deal.amount_base >= rule.asks_above:
        return _("A manager decides about the archive.")
    return _("The archive comes by itself; a manager is told before.")


def _anchor(x):
    return "start" if x < 40 else "end" if x > 280 else "middle"


def _ticks(marks, place):
    """Labels that would touch their left neighbour go one step lower."""
    found, last = [], -CLOSE
    for mark in marks:
        x = place.of(mark.day)
        low = x - last < CLOSE and not (found and found[-1].low)
        found.append(Tick(x, _name(mark), date_format(mark.day, "j M"), _anchor(x), low))
        last = x
    for tick, right in pairwise(found):
        tick.short = tick.low and tick.x > _left_edge(right)
    return found


def _left_edge(tick):
    """Where a tick's label begins."""
    return tick.x - {"start": 0, "middle": LABEL // 2, "end": LABEL}[tick.anchor]
