import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0004_confirmation_by_link"),
    ]

    operations = [
        migrations.CreateModel(
            name="Anchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True, verbose_name="day")),
                ("at", models.DateTimeField()),
                ("last_row", models.PositiveBigIntegerField()),
                ("rows", models.PositiveIntegerField()),
                ("deals", models.PositiveIntegerField()),
                ("blocks", models.JSONField(default=list)),
                ("last_version", models.PositiveBigIntegerField()),
                ("process", models.CharField(max_length=64)),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "anchor",
                "verbose_name_plural": "anchors",
                "ordering": ["day"],
            },
        ),
        migrations.AddField(
            model_name="bulkrun",
            name="token",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
