"""What happens when nobody acts. One tick does everything that is due at the moment it is given."""

from dataclasses import dataclass

from deals import lapses


@dataclass(frozen=True)
class Done:
    """What one tick did."""

    recounted: int

    def __str__(self):
        return f"{self.recounted} deals recounted"


def run(now):
    """Do what is due. Safe to run twice, or from several processes at once."""
    return Done(recounted=lapses.recount_lapsed(now))
