"""What a stage is called and where it stands, as published, beside what the draft says."""

from django.db import migrations, models


def take_over(apps, schema_editor):
    current = apps.get_model("pipeline", "StageDefinition").objects.order_by("valid_from", "pk")
    stages = apps.get_model("pipeline", "Stage").objects
    for stage_id, name, position in current.values_list("stage_id", "name", "position"):
        stages.filter(pk=stage_id).update(published_name=name, published_position=position)


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0002_restore_schedule_journey")]

    operations = [
        migrations.AddField(
            model_name="stage",
            name="published_name",
            field=models.CharField(blank=True, default="", editable=False, max_length=60),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="stage",
            name="published_position",
            field=models.PositiveSmallIntegerField(editable=False, null=True),
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
