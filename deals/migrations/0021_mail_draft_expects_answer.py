from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deals", "0020_judging_writes_no_index")]

    operations = [
        migrations.AddField(
            model_name="maildraft",
            name="expects_answer",
            field=models.BooleanField(default=True, verbose_name="it waits for an answer"),
        ),
    ]
