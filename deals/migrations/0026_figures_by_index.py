import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _drop_own_index(apps, editor):
    """The indexes of `deal` by itself: another one begins with it. Nothing else of the ledger's table is touched."""
    for model in ("activity", "transition"):
        table = apps.get_model("deals", model)._meta.db_table
        with editor.connection.cursor() as cursor:
            found = editor.connection.introspection.get_constraints(cursor, table)
        for name, each in found.items():
            if each["index"] and not each["unique"] and each["columns"] == ["deal_id"]:
                editor.execute(f"DROP INDEX {editor.quote_name(name)}")


def _add_own_index(apps, editor):
    for model in ("activity", "transition"):
        field = apps.get_model("deals", model)._meta.get_field("deal")
        editor.execute(editor._create_index_sql(field.model, fields=[field]))


def _deal(of, **more):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=of, to="deals.deal", db_index=False, **more
    )


class Migration(migrations.Migration):
    dependencies = [
        ("deals", "0025_held_since_waiting"),
        ("pipeline", "0004_rule_actions"),
        ("team", "0005_monday_review"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="activity", name="activity_when"),
        migrations.RemoveIndex(model_name="transition", name="transition_when"),
        migrations.RemoveIndex(model_name="transition", name="transition_won"),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(
                fields=["happened_at"],
                include=("deal", "kind", "from_buyer", "is_late"),
                name="activity_when",
            ),
        ),
        migrations.AddIndex(
            model_name="transition",
            index=models.Index(
                fields=["happened_at"],
                include=("deal", "seq", "kind", "from_stage", "to_stage", "owner", "passed"),
                name="transition_when",
            ),
        ),
        migrations.AddIndex(
            model_name="transition",
            index=models.Index(
                condition=models.Q(("to_status", "won")),
                fields=["happened_at"],
                include=("deal", "seq", "kind"),
                name="transition_won",
            ),
        ),
        migrations.AddIndex(
            model_name="transition",
            index=models.Index(
                fields=["deal", "seq"], include=("kind", "to_stage", "to_status"), name="transition_way"
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                fields=["id"],
                include=("owner", "team", "stage", "stage_entered_at", "seq", "flow_seq", "amount_base"),
                name="deal_figures",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(_drop_own_index, _add_own_index)],
            state_operations=[
                migrations.AlterField(model_name="activity", name="deal", field=_deal("activities")),
                migrations.AlterField(model_name="transition", name="deal", field=_deal("transitions")),
            ],
        ),
    ]
