from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("deals", "0012_clocks_and_firings")]

    operations = [
        migrations.AddField(
            model_name="activity",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[("interested", "Interested"), ("later", "Later"), ("no", "No")],
                db_default="",
                max_length=10,
                verbose_name="how it stands",
            ),
        ),
        migrations.AddField(
            model_name="activity",
            name="later_on",
            field=models.DateField(blank=True, null=True, verbose_name="by when"),
        ),
        migrations.AddField(
            model_name="activity",
            name="key",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.UniqueConstraint(
                condition=~Q(key=""), fields=("deal", "key"), name="activity_key_once"
            ),
        ),
    ]
