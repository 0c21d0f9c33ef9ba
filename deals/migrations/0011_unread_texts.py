from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0010_fewer_indexes"),
        ("pipeline", "0003_stage_as_published"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                condition=models.Q(("is_current", True), ("text_says__isnull", True)),
                fields=["id"],
                name="answer_unread",
            ),
        ),
    ]
