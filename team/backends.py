"""Who comes in, read with what every page shows of them."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from team.models import Notice, User


class PersonBackend(AuthenticationBackend):
    def get_user(self, user_id):
        """The person of a session and the number on their bell, in one statement."""
        found = User.objects.filter(pk=user_id).annotate(_unread=Coalesce(_unread(), 0)).first()
        return found if found is not None and self.user_can_authenticate(found) else None


def _unread():
    """Counted from the index of unread ones alone, however many were read."""
    rows = Notice.objects.filter(user=OuterRef("pk"), read_at__isnull=True).order_by().values("user")
    return Subquery(rows.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
