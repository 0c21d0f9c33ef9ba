from dataclasses import dataclass
from functools import cached_property

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Mark(TextChoices):
    ADDED = "added", _("Added")
    REMOVED = "removed", _("Removed")
    CHANGED = "changed", _("Changed")
    MOVED = "moved", _("Moved")
    REWORDED = "reworded", _("Reworded")


@dataclass(frozen=True)
class Change:
    """One thing that differs. `tightens` and `weakens` are ids of criteria it makes the gates ask more or less of."""

    mark: str
    text: str
    where: str = ""
    stage_id: int | None = None
    details: tuple = ()
    tightens: tuple = ()
    weakens: tuple = ()
    criterion_id: int | None = None

    @property
    def mark_in_words(self):
        return Mark(self.mark).label

    @property
    def weight(self):
        """ "tightened", "weakened", both, or "neutral"."""
        found = [name for name, ids in (("tightened", self.tightens), ("weakened", self.weakens)) if ids]
        return " ".join(found) or "neutral"

    @property
    def in_words(self):
        """The whole of it as one line of text."""
        head = f"{self.where}: {self.text}" if self.where else self.text
        return " ".join([head, *self.details])


@dataclass(frozen=True)
class Difference:
    changes: tuple

    def __bool__(self):
        return bool(self.changes)

    def __len__(self):
        return len(self.changes)

    def __iter__(self):
        return iter(self.changes)

    @cached_property
    def tightened(self):
        """Ids of criteria that are asked, or asked more strictly, than before."""
        return list(dict.fromkeys(pk for change in self.changes for pk in change.tightens))

    @cached_property
    def weakened(self):
        return list(dict.fromkeys(pk for change in self.changes for pk in change.weakens))

    def lines(self):
        return [f"{change.mark_in_words}: {change.in_words}" for change in self.changes]
