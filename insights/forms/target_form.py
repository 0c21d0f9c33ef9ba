"""The page of targets as a form: rows of who, columns of months, one field for each."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from deals.input import parsing
from deals.models.deal import AMOUNT_LIMIT
from team.models import Team, User

from .. import periods
from ..models import Target
from ..targets import Targets, may_set

# More people than this are shown one team at a time.
MOST = 60


@dataclass
class Cell:
    """`shown` is what stands there: what was typed, else what is set. `sum`: what counts where nothing is set."""

    name: str
    label: str
    month: date
    team: int | None
    user: int | None
    set: Decimal | None
    sum: Decimal | None
    shown: str = ""
    error: str = ""
    # Whether the form held it, and what it said: None where it was emptied.
    came: bool = False
    typed: Decimal | None = None


@dataclass
class Row:
    name: str
    kind: str
    open: bool
    cells: list


class Sheet:
    """The targets of one quarter that this person sees: a manager those of their teams, a rep their own."""

    def __init__(self, user, day, team=None):
        self.user = user
        self.first = periods.first_of("quarter", day)
        self.months = periods.months(self.first, 3)
        self.targets = Targets(self.months)
        self.teams = self._teams()
        self.team = next((found for found in self.teams if found.pk == team), None)
        self.rows = self._rows()

    def _teams(self):
        if not self.user.is_manager:
            return []
        found = Team.objects.all() if self.user.is_admin else Team.objects.filter(pk__in=self.user.team_ids)
        return list(found.order_by("name", "pk"))

    def _people(self):
        if not self.user.is_manager:
            return [self.user]
        shown = [self.team] if self.team else self.teams
        found = User.objects.active().filter(teams__in=shown).distinct()
        if self.user.is_admin and not self.team:
            found = User.objects.active()
        found = found.prefetch_related("teams").order_by("name", "pk")[: MOST + 1]
        people = list(found)
        return people if self.team or len(people) <= MOST else []

    def _rows(self):
        rows = []
        if (
            may_set(self.user) and not self.team
        ):  # who leads some teams does not read what the others are to win
            rows.append(self._row(_("All together"), "all", True, None, None))
        for team in [self.team] if self.team else self.teams:
            rows.append(self._row(team.name, "team", may_set(self.user, team=team), team, None))
        mine = {team.pk for team in self.teams}
        for person in self._people():
            free = self.user.is_admin or (
                self.user.is_manager and any(team.pk in mine for team in person.teams.all())
            )
            rows.append(self._row(person.name, "rep", free, None, person))
        return rows

    def _row(self, name, kind, is_open, team, person):
        return Row(name, kind, is_open, [self._cell(name, month, team, person) for month in self.months])

    def _cell(self, name, month, team, person):
        who = f"team-{team.pk}" if team else f"rep-{person.pk}" if person else "all"
        known = (
            self.targets.teams.get((month, team.pk)) if team
            else self.targets.people.get((month, person.pk)) if person
            else self.targets.whole.get(month)
        )  # fmt: skip
        total = (
            self.targets.of_team(team.pk, [month])
            if team
            else None
            if person
            else self.targets.of_all([month])
        )
        return Cell(
            name=f"t-{month:%Y-%m}-{who}", label=f"{name}, {periods.Month(month).words}", month=month,
            team=team and team.pk, user=person and person.pk, set=known, sum=total, shown=written(known),
        )  # fmt: skip

    @property
    def is_open(self):
        return any(row.open for row in self.rows)

    @property
    def names(self):
        """Of the fields this person may fill in."""
        return {cell.name for row in self.rows if row.open for cell in row.cells}

    @property
    def errors(self):
        return [cell for row in self.rows for cell in row.cells if cell.error]

    def read(self, posted):
        """What was typed into the open fields, each with its error beside it. A field that did not come stays."""
        for cell in (cell for row in self.rows if row.open for cell in row.cells if cell.name in posted):
            cell.shown = posted[cell.name][:40]
            cell.came = True
            try:
                if cell.shown.strip():
                    cell.typed = parsing.amount(cell.shown, maximum=AMOUNT_LIMIT)
            except parsing.ParseError as error:
                cell.error = str(error)

    @transaction.atomic
    def save(self):
        """Write what differs from what is set; an emptied field takes its target away. Returns how many changed."""
        changed = 0
        for cell in (cell for row in self.rows if row.open for cell in row.cells if cell.came):
            if cell.typed == cell.set:
                continue
            changed += 1
            key = {"month": cell.month, "team_id": cell.team, "user_id": cell.user}
            if cell.typed is None:
                Target.objects.filter(**key).delete()
            else:
                Target.objects.update_or_create(**key, defaults={"amount": cell.typed})
        return changed


def written(amount):
    """A number as a field shows it: no cents where there are none."""
    if amount is None:
        return ""
    return f"{amount:.0f}" if amount == amount.to_integral_value() else f"{amount:.2f}"
