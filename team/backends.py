"""Who comes in, read with what every page needs of them."""

from functools import cache

from allauth.account.auth_backends import AuthenticationBackend
from django.db import connection
from django.db.models import Aggregate, CharField, Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from team import waiting
from team.models import Notice, User

# Stands for the id of whoever comes in; nobody's own.
_WHOSE = -987_654_321


class Listed(Aggregate):
    """The ids of a group as text, separated by commas."""

    function = "GROUP_CONCAT"
    output_field = CharField()

    def as_postgresql(self, compiler, connection):
        return self.as_sql(compiler, connection, template="STRING_AGG(%(expressions)s::text, ',')")


class PersonBackend(AuthenticationBackend):
    def get_user(self, user_id):
        """The person of a session, the number on their bell, what waits for them and their teams, in one statement."""
        sql, parameters = _statement(connection.vendor)
        asked = [user_id if value == _WHOSE else value for value in parameters]
        found = next(iter(User.objects.raw(sql, asked)), None)
        if found is None or not self.user_can_authenticate(found):
            return None
        found.remember_teams(int(pk) for pk in (found._teams or "").split(",") if pk)
        return found


@cache
def _statement(_vendor):
    """(SQL, parameters, among them _WHOSE for the id): putting it together takes many times as long as asking it."""
    return _people().filter(pk=_WHOSE).query.sql_with_params()


def _people():
    return User.objects.annotate(_unread=Coalesce(_unread(), 0), _waiting=waiting.number(), _teams=_teams())


def _unread():
    """Counted from the index of unread ones alone, however many were read."""
    rows = Notice.objects.filter(user=OuterRef("pk"), read_at__isnull=True).order_by().values("user")
    return Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField())


def _teams():
    rows = User.teams.through.objects.filter(user=OuterRef("pk")).order_by().values("user")
    return Subquery(rows.annotate(ids=Listed("team")).values("ids"))
