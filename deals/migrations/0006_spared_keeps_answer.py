from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deals", "0005_anchors_and_one_run_per_form")]

    operations = [
        migrations.AddField("spared", "keeps_answer", models.BooleanField(default=False)),
    ]
