from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class DealsConfig(AppConfig):
    name = "deals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from pipeline import publishing, retiring
        from team import leaving

        from . import guard, handover, republished, surgery

        pre_migrate.connect(guard.lift_for_migration, sender=self, dispatch_uid="guard lifts")
        post_migrate.connect(guard.install_after_migration, sender=self, dispatch_uid="guard stands")
        if republished.recount not in publishing.observers:
            publishing.observers.append(republished.recount)
        if surgery.what_is_held not in retiring.holders:
            retiring.holders.append(surgery.what_is_held)
        if handover.what_is_held not in leaving.holders:
            leaving.holders.append(handover.what_is_held)
