from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    label = "front_door"

    def ready(self):
        from config import accounts, checks  # noqa: F401  they register a receiver and the checks
