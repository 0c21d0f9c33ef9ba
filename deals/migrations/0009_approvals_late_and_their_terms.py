from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deals", "0008_texts_read")]

    operations = [
        migrations.AddField(
            "approval", "decided_amount", models.DecimalField(decimal_places=2, max_digits=14, null=True)
        ),
        migrations.AddField(
            "approval",
            "decided_currency",
            models.CharField(blank=True, default="", max_length=3),
            preserve_default=False,
        ),
        migrations.AddField("approval", "escalated_at", models.DateTimeField(null=True)),
    ]
