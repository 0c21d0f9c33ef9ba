from django.db import migrations, models

# Rows are written beside their old selves where their page has room: every live deal in one publication, and of
# answers those to the few criteria that changed. Counts and judgements stand in no index, so none is written then.
_ROOM = {"deals_deal": 50, "deals_answer": 90}


def leave_room(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table, percent in _ROOM.items():
            schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")


def fill_pages(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in _ROOM:
            schema_editor.execute(f"ALTER TABLE {table} RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("deals", "0019_handovers")]

    operations = [
        migrations.RemoveIndex(model_name="answer", name="answer_holding"),
        migrations.RemoveIndex(model_name="answer", name="answer_opened_when"),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(fields=["recorded_at"], name="answer_recorded_when"),
        ),
        migrations.RunPython(leave_room, fill_pages),
    ]
