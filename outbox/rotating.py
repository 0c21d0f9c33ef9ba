"""Endpoints: what waits for each, and a new secret that takes the place of the former without a message lost."""

from datetime import timedelta

from django.db.models import Count, Q

from . import signing

# So long both secrets sign.
CHANGES_OVER = timedelta(hours=24)


def counted(endpoints):
    """With how many messages wait, and how many were given up."""
    waits = Q(deliveries__next_attempt_at__isnull=False)
    lost = Q(deliveries__given_up_at__isnull=False)
    return endpoints.annotate(waits=Count("deliveries", waits), given_up=Count("deliveries", lost))


def rotate(endpoint, now):
    endpoint.former_secret, endpoint.former_until = endpoint.secret, now + CHANGES_OVER
    endpoint.secret = signing.new_secret()
    endpoint.save(update_fields=["secret", "former_secret", "former_until"])
