from django.db import migrations


def check_again(apps, schema_editor):
    """Deals 0025 counts pauses otherwise: the next tick computes every date anew, whatever day it is."""
    apps.get_model("automations", "Tick").objects.update(calendars="")


class Migration(migrations.Migration):
    dependencies = [
        ("automations", "0001_engine"),
        ("deals", "0025_held_since_waiting"),
    ]

    operations = [migrations.RunPython(check_again, migrations.RunPython.noop)]
