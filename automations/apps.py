from django.apps import AppConfig
from django.conf import settings

from outbox import calling


class AutomationsConfig(AppConfig):
    name = "automations"

    def ready(self):
        if settings.REDIS_URL:
            from .tasks import hurry

            calling.senders.append(hurry)
