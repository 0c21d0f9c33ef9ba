from django.apps import AppConfig
from django.db.models.signals import post_migrate, post_save, pre_migrate, pre_save


class DealsConfig(AppConfig):
    name = "deals"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from pipeline import publishing, retiring
        from team import leaving, waiting
        from team.models import Organisation, User

        from . import guard, handover
        from .evidence import measures
        from .overview import waiting_counts
        from .people import ourselves_changed
        from .publishing import republished, surgery

        pre_migrate.connect(guard.lift_for_migration, sender=self, dispatch_uid="guard lifts")
        post_migrate.connect(guard.install_after_migration, sender=self, dispatch_uid="guard stands")
        pre_save.connect(
            measures.forget_if_others_count, sender=Organisation, dispatch_uid="texts are read anew"
        )
        for sender in (Organisation, User):
            pre_save.connect(ourselves_changed.find, sender=sender, dispatch_uid="whose word counts")
            post_save.connect(ourselves_changed.follow, sender=sender, dispatch_uid="whose word counts")
        if republished.recount not in publishing.observers:
            publishing.observers.append(republished.recount)
        if surgery.what_is_held not in retiring.holders:
            retiring.holders.append(surgery.what_is_held)
        if handover.what_is_held not in leaving.holders:
            leaving.holders.append(handover.what_is_held)
        for counter in (waiting_counts.approvals, waiting_counts.exceptions, waiting_counts.handovers):
            waiting.add(counter)
