from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class DealsConfig(AppConfig):
    name = "deals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from pipeline import publishing

        from . import guard, republished

        pre_migrate.connect(guard.lift_for_migration, sender=self, dispatch_uid="guard lifts")
        post_migrate.connect(guard.install_after_migration, sender=self, dispatch_uid="guard stands")
        if republished.recount not in publishing.observers:
            publishing.observers.append(republished.recount)
