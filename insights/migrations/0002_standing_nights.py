import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("insights", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="StandingNight",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True)),
                ("taken_at", models.DateTimeField()),
            ],
            options={"ordering": ["-day"]},
        ),
        migrations.AlterField(
            model_name="standing",
            name="deal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="standings", to="deals.deal"
            ),
        ),
    ]
