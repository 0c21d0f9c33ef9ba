"""What the import's tests share."""

from io import StringIO

from django.core.management import call_command

from team.models import Organisation
from tests.factories import make_admin, make_pipeline


def ready(**organisation):
    """An admin and a pipeline, as after the first run; returns the admin."""
    admin = make_admin(email="admin@seller.example")
    make_pipeline("Sale", owner=admin)
    for name, value in organisation.items():
        current = Organisation.current()
        setattr(current, name, value)
        current.save(update_fields=[name])
    return admin


def write(folder, content, name="deals.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def run(path, *options):
    """What the command says."""
    out = StringIO()
    call_command("import_deals", str(path), *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def bring(folder, content, *options):
    return run(write(folder, content), *options)


def problems(folder, content, *options):
    """The lines of the report as dictionaries."""
    import csv

    report = folder / "report.csv"
    bring(folder, content, "--report", str(report), *options)
    with open(report, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
