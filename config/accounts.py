"""Sign-in: who may make an account (nobody, admins add people), and what too many failures get."""

import time
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.dispatch import receiver

from config import errors


class ClosedAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def is_safe_url(self, url):
        """An address of ours, whole: "%2f%2felsewhere" is none."""
        return bool(url) and url.startswith("/") and super().is_safe_url(url)

    def get_reset_password_from_key_url(self, key):
        """Where SITE_URL says what our links begin with, no header of whoever asked does."""
        address = super().get_reset_password_from_key_url(key)
        return f"{settings.SITE_URL}{urlsplit(address).path}" if settings.SITE_URL else address

    def pre_authenticate(self, request, **credentials):
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            raise ImmediateHttpResponse(errors.too_many(request)) from None


@receiver(user_logged_in)
def remember_the_start(sender, request, user, **kwargs):
    request.session["began"] = request.session["seen"] = int(time.time())
