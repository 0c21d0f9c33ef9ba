from django.apps import AppConfig


class TeamConfig(AppConfig):
    name = "team"

    def ready(self):
        from django.db import connection

        from . import compiler, letters

        compiler.use(connection)
        letters.use()
