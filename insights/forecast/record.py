"""What became of the deals that reached one stage, and what an open deal may expect from that.

A deal that stands in a stage for longer than winners did is not one of all deals that reached it, but one of those
that stayed as long. How long ended deals stayed is known in brackets of days. Between the bounds of a bracket their
stays are taken as spread evenly, so that a chance changes from day to day and never jumps from one bracket to the next.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

# As much weight as what is assumed has: with as many cases, history counts half.
ENOUGH = 20
# The same for the expected close a deal names: sellers' dates say less than their process does.
DATED = 5
# Days from which on a bracket of stays begins.
BRACKETS = (0, 7, 14, 30, 45, 60, 90, 120, 180)
# Waits from so many days on are kept by the week: what is written down each night stays small, however long deals take.
WEEKLY = 91


class Group:
    """Ended deals: how many, how many of them won after a known time, and how many of those after how many days."""

    def __init__(self, ended, waits):
        self.ended = ended
        self._days = sorted(waits)
        self._sums = [0, *accumulate(waits[days] for days in self._days)]
        self.won = self._sums[-1]

    def from_to(self, age, first, last):
        """(wins that took `age` days or more, those of them that took `first` to `last` days more than that)"""
        shorter, before, within = (
            self._sums[bisect_left(self._days, days)] for days in (age, age + first, age + last + 1)
        )
        return self.won - shorter, within - before


@dataclass
class Record:
    """Of one stage. `assumed` is its probability, 0 to 1; `waits` {days from reaching it to the win: how many}.

    `stays` {bracket: [how many ended that stayed so long, the waits of the won among them]}; empty where a night did
    not write it down. A deal that came in as ended counts as such, but has neither a wait nor a stay.
    """

    assumed: float = 0.0
    ended: int = 0
    won: int = 0
    waits: dict = field(default_factory=dict)
    stays: dict = field(default_factory=dict)
    _groups: tuple | None = field(default=None, init=False, repr=False, compare=False)

    def add(self, is_won, wait, stay, number=1):
        """Deals that ended. `stay` is any day of the bracket, None where neither it nor the wait is known.

        A wait that is kept by the week is kept as the middle of its week.
        """
        self.ended += number
        self.won += number if is_won else 0
        if stay is None:
            return
        kept = self.stays.setdefault(BRACKETS[_bracket(stay)], [0, {}])
        kept[0] += number
        self._groups = None
        if is_won:
            wait = wait if wait < WEEKLY else wait - wait % 7 + 3
            for waits in (self.waits, kept[1]):
                waits[wait] = waits.get(wait, 0) + number

    @property
    def real(self):
        """The share that was won; None where nothing ended."""
        return self.won / self.ended if self.ended else None

    @property
    def rate(self):
        """The same, drawn toward what is assumed while cases are few: the rate of a deal that arrives."""
        return (self.won + ENOUGH * self.assumed) / (self.ended + ENOUGH)

    def rate_after(self, age):
        """The rate of a deal that has stood here for `age` days.

        As far as what was won of those that stayed as long lies from what was won of all of them toward none or toward
        all, as far the rate is moved.
        """
        shares = self._grouped()[2]
        of_all = shares[0]
        of_these = sum(part * shares[place] for part, place in _places(age))
        if of_these < of_all:
            return self.rate * of_these / of_all
        return 1 - (1 - self.rate) * (1 - of_these) / (1 - of_all) if of_these > of_all else self.rate

    def share(self, age, first, last, dated):
        """How likely a deal that stands here for `age` days and will be won is won `first` to `last` days from now.

        Of the wins that stayed as long, the share in that stretch; drawn toward that of the other wins which took
        longer than `age`, and this toward the deal's own date (`dated`: it lies in the stretch), while they are few.
        """
        whole, stayed, _shares = self._grouped()
        of_all, in_all = whole.from_to(age, first, last)
        beyond = within = 0
        for part, place in _places(age):
            of_these, in_these = stayed[place].from_to(age, first, last)
            beyond, within = beyond + part * of_these, within + part * in_these
        others = (in_all - within + DATED * dated) / (of_all - beyond + DATED)
        return (within + DATED * others) / (beyond + DATED)

    def chance(self, age, first, last, dated):
        return self.rate_after(age) * self.share(age, first, last, dated)

    def _grouped(self):
        """(all wins whose wait is known, those that stayed at least as long as each bracket, what was won of them)"""
        if self._groups is None:
            ended, waits, stayed = 0, {}, []
            for bracket in reversed(BRACKETS):
                more, wins = self.stays.get(bracket, (0, {}))
                ended += more
                for wait, number in wins.items():
                    waits[wait] = waits.get(wait, 0) + number
                stayed.insert(0, Group(ended, waits))
            self._groups = Group(self.ended, self.waits), stayed, _shares(stayed)
        return self._groups


def _shares(stayed):
    """What was won of those that stayed at least as long as each bracket, drawn toward what was won of all while few.

    A share does not come back to that of all because they grow fewer: from one bracket to the next it only changes
    toward what happened, as little as drawing it toward that of all or that of the bracket before would have it.
    """
    of_all = stayed[0].won / stayed[0].ended if stayed[0].ended else 0
    shares = [of_all]
    for group in stayed[1:]:
        drawn = [(group.won + ENOUGH * toward) / (group.ended + ENOUGH) for toward in (of_all, shares[-1])]
        shares.append(sorted([shares[-1], *drawn])[1])
    return shares


def _bracket(days):
    return bisect_right(BRACKETS, days) - 1


def _places(age):
    """[(part, place of a bracket)]: those that stayed for `age` days are these parts of those of the brackets."""
    place = _bracket(age)
    if place == len(BRACKETS) - 1 or age == BRACKETS[place]:
        return [(1, place)]
    begin, end = BRACKETS[place : place + 2]
    part = (age - begin) / (end - begin)
    return [(1 - part, place), (part, place + 1)]
