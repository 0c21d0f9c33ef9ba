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
        problem = what_is_missing()
        last_tick = None if problem else _last_tick()
    except DatabaseError:
        problem = "database"
    status = (
        {"status": "not ready", "missing": problem} if problem else {"status": "ok", "last_tick": last_tick}
    )
    return JsonResponse(status, status=503 if problem else 200)


def _last_tick():
    from automations.models import Tick

    at = Tick.objects.filter(pk=1).values_list("at", flat=True).first()
    return at and at.isoformat(timespec="seconds")


def what_is_missing():
    from deals import guard  # pulls in models

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "migrations"
    return "guard" if guard.missing(connection, by_name=True) else ""
