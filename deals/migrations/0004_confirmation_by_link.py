import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0003_approvals_as_facts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("contact", "email_since", models.DateTimeField(editable=False, null=True)),
        migrations.AddField("recap", "address_since", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="RecapRefusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("came_from", models.GenericIPAddressField(null=True)),
                ("came_with", models.CharField(blank=True, max_length=300)),
                (
                    "recap",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusals",
                        to="deals.recap",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "refused answer to a recap",
                "verbose_name_plural": "refused answers to recaps",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.AlterField(
            model_name="activity",
            name="kind",
            field=models.CharField(
                choices=[
                    ("call", "Call"),
                    ("meeting", "Meeting"),
                    ("email", "E-mail"),
                    ("demo", "Demo"),
                    ("evaluation", "Evaluation"),
                    ("form", "Form"),
                    ("invitation", "Accepted invitation"),
                    ("proposal", "Proposal sent"),
                    ("introduction", "Introduction"),
                    ("kickoff", "Kickoff invitation"),
                    ("note", "Note"),
                    ("confirmation", "Answered by link"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "confirmation"), _negated=True),
                    ("recorded_by__isnull", True),
                    _connector="OR",
                ),
                name="confirmation_by_nobody_of_us",
            ),
        ),
    ]
