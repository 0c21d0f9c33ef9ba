"""What gates ask has changed with this release: the next tick counts every live deal anew."""

from datetime import date

from django.db import migrations

LIVE = ["open", "re_engaging", "paused"]


def let_the_tick_count(apps, schema_editor):
    apps.get_model("deals", "Deal").objects.filter(status__in=LIVE).update(stands_until=date(2000, 1, 1))


class Migration(migrations.Migration):
    dependencies = [("deals", "0006_spared_keeps_answer")]

    operations = [migrations.RunPython(let_the_tick_count, migrations.RunPython.noop)]
