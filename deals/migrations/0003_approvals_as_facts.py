"""Approvals become facts of the deal: each yes that stood as an answer is kept as the approval it was."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_BATCH = 500
BEFORE = "Said yes before approvals were asked for one by one."


def answers_become_approvals(apps, schema_editor):
    Answer, Approval = apps.get_model("deals", "Answer"), apps.get_model("deals", "Approval")
    definitions = newest_definitions(apps)
    answers = Answer.objects.filter(
        criterion__in=definitions, is_current=True, opens=True, yes=True, state="confirmed"
    )
    rows = []
    for answer in answers.select_related("deal").order_by("pk").iterator(chunk_size=_BATCH):
        rows += approvals_of(Approval, answer, definitions[answer.criterion_id])
        if len(rows) >= _BATCH:
            Approval.objects.bulk_create(rows)
            rows = []
    Approval.objects.bulk_create(rows)


def newest_definitions(apps):
    """{criterion id: what is or was last asked} of all approvals."""
    definitions = apps.get_model("pipeline", "CriterionDefinition").objects.filter(kind="approval")
    return {definition.criterion_id: definition for definition in definitions.order_by("valid_from", "pk")}


def approvals_of(Approval, answer, definition):
    common = {
        "deal_id": answer.deal_id, "criterion_id": answer.criterion_id, "subject": definition.label[:200],
        "asked_at": answer.recorded_at, "decision": "approved", "decided_at": answer.recorded_at,
        "decided_by_id": answer.recorded_by_id, "holds_until": answer.holds_until,
        "comment": answer.words or answer.link,
    }  # fmt: skip
    if definition.needs_buyer and answer.contact_id:
        confirmed = {"contact_id": answer.contact_id, "activity_id": answer.activity_id}
        return [Approval(side="buyer", attachment_id=answer.attachment_id, **confirmed, **common)]
    common |= {"approver_id": answer.recorded_by_id or answer.deal.owner_id, "comment": BEFORE}
    roles = [line.strip() for line in definition.roles.replace(",", "\n").splitlines() if line.strip()] or [
        ""
    ]
    return [Approval(side=side_of(role), role=role, **common) for role in roles]


def side_of(role):
    return role.lower() if role.lower() in ("legal", "finance") else "other"


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0002_exceptions_agreement_recaps_bulk"),
        ("pipeline", "0002_restore_schedule_journey"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("approval", "holds_until", models.DateField(null=True)),
        migrations.AddField(
            "approval", "role", models.CharField(blank=True, max_length=80, verbose_name="role")
        ),
        migrations.AddField(
            "approval",
            "was",
            models.CharField(
                blank=True,
                choices=[
                    ("pending", "Pending"),
                    ("approved", "Approved"),
                    ("rejected", "Rejected"),
                    ("withdrawn", "No longer needed"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddField("approval", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "approval",
            "withdrawn_because",
            models.CharField(blank=True, max_length=300, verbose_name="why it was withdrawn"),
        ),
        migrations.AddField(
            "approval",
            "withdrawn_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "objection", "note", models.CharField(blank=True, max_length=300, verbose_name="note")
        ),
        migrations.AddField(
            "objection",
            "settled_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "approval",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contact__isnull", False), ("side", "buyer")),
                    models.Q(models.Q(("side", "buyer"), _negated=True), ("contact__isnull", True)),
                    _connector="OR",
                ),
                name="approval_side_of_person",
            ),
        ),
        migrations.AddConstraint(
            "approval",
            models.CheckConstraint(
                condition=models.Q(
                    ("approver__isnull", True),
                    ("asked_by__isnull", True),
                    models.Q(("approver", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="approval_asked_of_another",
            ),
        ),
        migrations.RunPython(answers_become_approvals, migrations.RunPython.noop),
    ]
