"""Mean, median and percentiles of whole numbers, from how often each occurs."""

from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Spread:
    """`counts`: {value: how often}."""

    counts: dict

    @property
    def n(self):
        return sum(self.counts.values())

    @property
    def mean(self):
        return sum(value * n for value, n in self.counts.items()) / self.n if self.n else None

    @property
    def median(self):
        return self.at(0.5)

    @property
    def low(self):
        """Where the middle half begins."""
        return self.at(0.25)

    @property
    def high(self):
        """Where the middle half ends."""
        return self.at(0.75)

    @property
    def p90(self):
        return self.at(0.9)

    def at(self, share):
        """The value below which that share lies; between two values as far as the share says."""
        if not self.n:
            return None
        place = (self.n - 1) * share
        below = int(place)
        low, high = self._ranked(below), self._ranked(min(below + 1, self.n - 1))
        return low + (place - below) * (high - low)

    def _ranked(self, rank):
        """The value at a place of the sorted list, from 0."""
        values = sorted(self.counts)
        sums = accumulate(self.counts[value] for value in values)
        return next(value for value, seen in zip(values, sums, strict=True) if rank < seen)


def added(spreads):
    """All of them as one."""
    counts = {}
    for spread in spreads:
        for value, n in spread.counts.items():
            counts[value] = counts.get(value, 0) + n
    return Spread(counts)
