"""How amount and expected close of a deal changed, as its page tells it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import OuterRef
from django.utils.translation import gettext as _

from team import formats

from ..figures import pushed_words
from ..models import FieldChange
from ..rows.rows_within import RowsWithin, moment
from .timeline import Event

SHOWN = 40


def within():
    """The last changes of a deal as a value of the deal's own row."""
    rows = FieldChange.objects.filter(deal=OuterRef("pk")).order_by("-at", "-pk")[:SHOWN]
    return RowsWithin(rows, "pk", "field", "old", "new", "at", "by__name")


@dataclass(frozen=True)
class Change:
    """One row of FieldChange as the page has it."""

    row: dict

    @property
    def days(self):
        """By how many days the expected close moved; None where it was not there before or is no longer."""
        if self.row["field"] != "expected_close" or not (self.row["old"] and self.row["new"]):
            return None
        return (date.fromisoformat(self.row["new"]) - date.fromisoformat(self.row["old"])).days

    @property
    def is_push(self):
        return (self.days or 0) > 0

    @property
    def title(self):
        old, new = (_shown(self.row["field"], self.row[side]) for side in ("old", "new"))
        name = _("Amount") if self.row["field"] == "amount" else _("Expected close")
        words = _("%(what)s changed from %(old)s to %(new)s") if old and new else _("%(what)s set to %(new)s")
        words = words if new else _("%(what)s taken away; it was %(old)s")
        return words % {"what": name, "old": old, "new": new}

    def event(self):
        days = self.days
        later = _("%s later.") % formats.days(days) if self.is_push else ""
        sooner = _("%s sooner.") % formats.days(-days) if days and days < 0 else ""
        by = _("By %s.") % self.row["by__name"] if self.row["by__name"] else ""
        text, tone = " ".join(filter(None, [later or sooner, by])), "w" if self.is_push else ""
        return Event("figure", self.row["pk"], moment(self.row["at"]), "note", self.title, text, tone)


def _shown(field, text):
    if field == "expected_close" or not text:
        return formats.day(date.fromisoformat(text)) if text else ""
    amount, _space, currency = text.partition(" ")
    return formats.money(Decimal(amount), currency)


@dataclass(frozen=True)
class Figures:
    """How a deal's figures changed, from the rows read with it."""

    changes: list

    @classmethod
    def of(cls, deal):
        return cls([Change(row) for row in getattr(deal, "figure_changes", [])])

    def events(self):
        return [change.event() for change in self.changes]

    @property
    def pushed(self):
        """'pushed 3 times, 41 days in all'; empty where the close never moved out."""
        pushes = [change.days for change in self.changes if change.is_push]
        return pushed_words(len(pushes), sum(pushes)) if pushes else ""
