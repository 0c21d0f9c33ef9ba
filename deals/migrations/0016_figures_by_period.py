from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deals", "0017_undo_of_bulk_runs_and_landing_days")]

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
