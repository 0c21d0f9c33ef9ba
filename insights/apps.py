from django.apps import AppConfig

# Written once: the guard refuses to change or delete their rows.
KEPT = ["insights_forecastday", "insights_forecastrow", "insights_stagerecord", "insights_managercall"]


class InsightsConfig(AppConfig):
    name = "insights"

    def ready(self):
        from automations import duties as ticked
        from deals.demo import more
        from deals.guard import rules

        from . import duties
        from .demos import demo

        rules.KEPT[:0] = [table for table in KEPT if table not in rules.KEPT]
        for duty in duties.ALL:
            ticked.register(duty)
        more.register(demo.build)
