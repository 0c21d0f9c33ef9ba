"""Who gets what a rule makes: the person it names, its role on the deal, else who owns the next action."""

from functools import cached_property

from deals.models import Participant
from team.models import Role, TeamDefault, User


class People:
    """Looks people up for a chunk of deals; reads only what their rules ask for."""

    def __init__(self, deals):
        self._ids = [deal.pk for deal in deals]

    def one_for(self, deal, rule):
        """The id of the one person: a task never belongs to a team."""
        if rule.person_id and rule.person_id in self._active:
            return rule.person_id
        found = self._by_role(deal, rule.role) if rule.role else None
        return found or deal.next_owner_id

    def all_for(self, deal, rule):
        """Ids of everybody who is told: the person, or all of the role in the deal's team, else the next owner."""
        if rule.person_id or not rule.role:
            return [self.one_for(deal, rule)]
        return self.of_role(deal.team_id, rule.role) or [self.one_for(deal, rule)]

    def of_role(self, team_id, role):
        """Ids of everybody of a team who plays a role, the longest-serving first."""
        return sorted(self._in_teams.get((team_id, role), ()))

    def _by_role(self, deal, role):
        own = self._participants.get((deal.pk, role))
        if own is None and deal.owner_id in self._of_role.get(role, ()):
            own = deal.owner_id
        return (
            own
            or self._defaults.get((deal.team_id, role))
            or next(iter(self.of_role(deal.team_id, role)), None)
        )

    @cached_property
    def _active(self):
        return set(User.objects.active().values_list("pk", flat=True))

    @cached_property
    def _participants(self):
        rows = Participant.objects.filter(deal__in=self._ids, user__is_active=True)
        return {(deal, role): user for deal, role, user in rows.values_list("deal", "role__name", "user")}

    @cached_property
    def _defaults(self):
        rows = TeamDefault.objects.filter(user__is_active=True)
        return {(team, role): user for team, role, user in rows.values_list("team", "role__name", "user")}

    @cached_property
    def _of_role(self):
        found = {}
        for role, user in Role.objects.filter(people__is_active=True).values_list("name", "people"):
            found.setdefault(role, set()).add(user)
        return found

    @cached_property
    def _in_teams(self):
        found = {}
        rows = User.objects.active().filter(roles__isnull=False, teams__isnull=False)
        for user, role, team in rows.values_list("pk", "roles__name", "teams"):
            found.setdefault((team, role), set()).add(user)
        return found
