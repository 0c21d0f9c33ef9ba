from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "insights"

    def ready(self):
        from automations import duties as ticked
        from deals.demo import more

        from . import demo, duties

        for duty in duties.ALL:
            ticked.register(duty)
        more.register(demo.build)
