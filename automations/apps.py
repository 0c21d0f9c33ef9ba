from django.apps import AppConfig
from django.conf import settings

from outbox import calling


class AutomationsConfig(AppConfig):
    name = "automations"

    def ready(self):
        from team import waiting

        from . import waiting_counts

        for counter in (waiting_counts.archives, waiting_counts.holds):
            waiting.add(counter)
        if settings.REDIS_URL:
            from deals.timers import due_following

            from .tasks import hurry, hurry_clocks

            calling.senders.append(hurry)
            due_following.callers.append(hurry_clocks)
