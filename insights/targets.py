"""What is to be won, month by month: as it was set, or the sum of what was set below.

A team without a target has the sum of its people's; all together without one, the sum of the teams' and of people
without a team. Who is in several teams counts in the first by name.
"""

from collections import defaultdict
from decimal import Decimal

from team.leading import leads_all
from team.models import User

from .models import Target


class Targets:
    """The targets of some months. Two statements when it is made, none afterwards."""

    def __init__(self, months):
        self.months = list(months)
        self.whole, self.teams, self.people = {}, {}, {}
        rows = Target.objects.filter(month__in=self.months).order_by()
        for month, team, user, amount in rows.values_list("month", "team_id", "user_id", "amount"):
            if user:
                self.people[month, user] = amount
            elif team:
                self.teams[month, team] = amount
            else:
                self.whole[month] = amount
        self.team_of = first_teams() if self.people else {}

    def of_person(self, user, months=None):
        return _sum(self.people.get((month, user)) for month in months or self.months)

    def of_team(self, team, months=None):
        return _sum(self._team_in(month, team) for month in months or self.months)

    def of_all(self, months=None):
        return _sum(self._all_in(month) for month in months or self.months)

    def of_teams(self, teams, months=None):
        """Of somebody who leads these alone."""
        return _sum(self._team_in(month, team) for month in months or self.months for team in teams)

    def _team_in(self, month, team):
        if (month, team) in self.teams:
            return self.teams[month, team]
        return _sum(
            amount for (of, user), amount in self.people.items()
            if of == month and self.team_of.get(user) == team
        )  # fmt: skip

    def _all_in(self, month):
        if month in self.whole:
            return self.whole[month]
        teams = {team for of, team in self.teams if of == month} | {
            self.team_of[user] for of, user in self.people if of == month and user in self.team_of
        }
        alone = [a for (of, user), a in self.people.items() if of == month and user not in self.team_of]
        return _sum([*(self._team_in(month, team) for team in teams), *alone])


def first_teams():
    """{user: the first of their teams by name}"""
    found = defaultdict(list)
    through = User.teams.through.objects.order_by("team__name").values_list("user_id", "team_id")
    for user, team in through:
        found[user].append(team)
    return {user: teams[0] for user, teams in found.items()}


def _sum(amounts):
    """None where nothing was set, which is not the same as nothing to win."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def may_set(user, *, team=None, person=None):
    """Managers set targets for their own teams and people in them; all together, who leads every team."""
    if not user.is_manager:
        return False
    if user.is_admin:
        return True
    mine = set(user.team_ids)
    if person is not None:
        return person.teams.filter(pk__in=mine).exists()
    if team is not None:
        return team.pk in mine
    return leads_all(user)


def may_read(user, *, team=None, person=None):
    """Admins all; managers those of their own teams and of the people in them (ids); anybody their own."""
    if user.is_admin or person == user.pk:
        return True
    if not user.is_manager:
        return False
    if person is not None:
        return leads_all(user) or User.objects.filter(pk=person, teams__in=user.team_ids).exists()
    return team in user.team_ids
