"""Who comes in, read with what every page shows of them."""

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Count, Q

from team.models import User


class PersonBackend(AuthenticationBackend):
    def get_user(self, user_id):
        """The person of a session and the number on their bell, in one statement."""
        unread = Count("notices", filter=Q(notices__read_at__isnull=True))
        user = User.objects.filter(pk=user_id).annotate(_unread=unread).order_by().first()
        return user if user is not None and self.user_can_authenticate(user) else None
