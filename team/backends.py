"""Who comes in, read with what every page needs of them."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Aggregate, CharField, Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from team import waiting
from team.models import Notice, User
from team.prepared import Prepared


class Listed(Aggregate):
    """The ids of a group as text, separated by commas."""

    function = "GROUP_CONCAT"
    output_field = CharField()

    def as_postgresql(self, compiler, connection):
        return self.as_sql(compiler, connection, template="STRING_AGG(%(expressions)s::text, ',')")


class PersonBackend(AuthenticationBackend):
    def get_user(self, user_id):
        """The person of a session, the number on their bell, what waits for them and their teams, in one statement."""
        found = _person.first(user_id)
        if found is None or not self.user_can_authenticate(found):
            return None
        found.remember_teams(int(pk) for pk in (found._teams or "").split(",") if pk)
        return found


def _people():
    return User.objects.annotate(_unread=Coalesce(_unread(), 0), _waiting=waiting.number(), _teams=_teams())


def _unread():
    """Counted from the index of unread ones alone, however many were read."""
    rows = Notice.objects.filter(user=OuterRef("pk"), read_at__isnull=True).order_by().values("user")
    return Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField())


def _teams():
    rows = User.teams.through.objects.filter(user=OuterRef("pk")).order_by().values("user")
    return Subquery(rows.annotate(ids=Listed("team")).values("ids"))


_person = Prepared(lambda pk: _people().filter(pk=pk), 0)
