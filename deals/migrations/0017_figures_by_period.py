from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deals", "0016_indexes_of_figures")]

    operations = [
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                condition=models.Q(("opens", True)), fields=["recorded_at"], name="answer_opened_when"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("rule_key", ""), _negated=True),
                fields=["due_on"],
                name="task_of_rule_due",
            ),
        ),
    ]
