"""A manager's own figure for a month, read from a form. It is added, never changed."""

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from deals.input import parsing
from deals.input.normalise import clean
from deals.models import AMOUNT_LIMIT
from team.models import Team

from .. import periods
from ..forecast import chances
from ..models import ManagerCall
from ..targets import may_set

LONGEST = 500


@dataclass
class CallForm:
    """`typed` as it came, `errors` by field."""

    user: object
    today: date
    typed: dict = field(default_factory=dict)
    errors: dict = field(default_factory=dict)

    @property
    def months(self):
        return periods.months(self.today, chances.AHEAD)

    @property
    def teams(self):
        """[(value, name)] of what this person may speak for."""
        if not self.user.is_manager:
            return []
        teams = Team.objects.all() if self.user.is_admin else Team.objects.filter(pk__in=self.user.team_ids)
        whole = [("all", _("All together"))] if may_set(self.user) else []
        return whole + [(str(team.pk), team.name) for team in teams]

    def read(self, posted):
        """A ManagerCall that is not saved yet, or None and `errors`."""
        self.typed = {name: posted.get(name, "")[:2000] for name in ("month", "team", "amount", "note")}
        month = next((m for m in self.months if f"{m:%Y-%m}" == self.typed["month"]), None)
        team = self.typed["team"]
        amount, note = self._amount(), clean(self.typed["note"])
        if month is None:
            self.errors["month"] = _("Choose one of these months.")
        if team not in dict(self.teams):
            self.errors["team"] = _("Choose all together or a team of yours.")
        if len(note) > LONGEST:
            self.errors["note"] = _("At most %d characters.") % LONGEST
        if self.errors:
            return None
        return ManagerCall(
            month=month, team_id=None if team == "all" else int(team), amount=amount, note=note
        )

    def _amount(self):
        try:
            return parsing.amount(self.typed["amount"], maximum=AMOUNT_LIMIT)
        except parsing.ParseError as error:
            self.errors["amount"] = str(error)
            return None
