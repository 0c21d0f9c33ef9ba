"""What a figure of the dashboard is: its name, its words, its healthy band."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Definition:
    """`says` is the formula in words. `low` to `high` is the healthy band, in the figure's own unit; None: none."""

    name: str
    says: str
    low: int | None = None
    high: int | None = None
