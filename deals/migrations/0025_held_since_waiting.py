from django.db import migrations, models
from django.db.models import Exists, F, OuterRef


def count_again(apps, schema_editor):
    """A pause puts off only what waited before it ended."""
    deals, rows = apps.get_model("deals", "Deal").objects, apps.get_model("deals", "Transition").objects
    later = rows.filter(deal=OuterRef("pk"), kind="resume", happened_at__gt=OuterRef("awaiting_since"))
    held = deals.filter(Exists(later), held_days__gt=0, awaiting_since__isnull=False)
    held.update(awaiting_held_days=F("held_days"))


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0024_clocks_that_follow"),
    ]

    operations = [
        migrations.AddField(
            model_name="deal",
            name="awaiting_held_days",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="deal",
            name="was_paused_until",
            field=models.DateField(editable=False, null=True),
        ),
        migrations.RunPython(count_again, migrations.RunPython.noop),
    ]
