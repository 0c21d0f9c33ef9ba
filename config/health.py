from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def healthz(request):
    """The process answers; says nothing of the database, so that a broken one does not restart us."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def readyz(request):
    """Traffic may come: the database answers, is migrated and guarded. Says when the clocks were last looked at."""
    try:
        missing, why = what_is_missing()
        last_tick = None if missing else _last_tick()
    except DatabaseError:
        missing, why = "database", "it does not answer"
    if missing:
        return JsonResponse({"status": "not ready", "missing": missing, "why": why}, status=503)
    return JsonResponse({"status": "ok", "last_tick": last_tick})


def _last_tick():
    from automations.models import Tick

    at = Tick.objects.filter(pk=1).values_list("at", flat=True).first()
    return at and at.isoformat(timespec="seconds")


def what_is_missing():
    """(what, why, in a few words that tell a stranger nothing about the data); two empty texts where nothing is."""
    from deals import guard  # pulls in models

    executor = MigrationExecutor(connection)
    if waiting := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "migrations", f"{len(waiting)} not applied: run manage.py migrate"
    if gone := guard.missing(connection, by_name=True):
        return (
            "guard",
            f"{len(gone)} of {len(guard.names(connection))} triggers not there: run manage.py migrate",
        )
    return "", ""
