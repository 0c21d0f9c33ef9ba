from django.apps import AppConfig
from django.conf import settings


class ConfigConfig(AppConfig):
    name = "config"
    label = "front_door"

    def ready(self):
        from config import accounts, checks  # noqa: F401  they register a receiver and the checks

        if settings.REDIS_URL:
            from config import celery  # noqa: F401  whose tasks are called
