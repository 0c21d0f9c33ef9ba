"""What of the engine waits for a person's word, as the number in the top bar counts it."""

from deals.models import Firing
from team import waiting, waiting_for

from .models import Hold


def archives():
    asked = Firing.objects.asked().filter(waiting.said("state", "IN ('asked', 'failed')"))
    return waiting_for.of_managers_who_see_the_deal(asked)


def holds():
    return waiting_for.of_managers(Hold.objects.filter(released_at__isnull=True))
