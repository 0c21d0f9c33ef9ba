"""Whether an answer's texts say something is kept beside them; the tick reads those that have any."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0007_recount_live_deals"),
    ]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="text_items",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="answer",
            name="text_length",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="answer",
            name="text_says",
            field=models.BooleanField(null=True),
        ),
        migrations.AddField(
            model_name="answer",
            name="words_say",
            field=models.BooleanField(null=True),
        ),
    ]
