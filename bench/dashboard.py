"""What each panel of the dashboard costs over ninety days, for a head of sales who sees every deal.

No statement may read the whole ledger for them (PostgreSQL): the benchmark stops where a plan says so.
"""

from functools import partial

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deals.models import Deal, Transition
from insights import registry
from insights.flow import keeping
from insights.lens import Lens
from team.models import User, remembered

from . import bulk, measure

# Of fewer rows a plan says nothing: whatever fits into a few pages is read whole.
LEDGER = 100_000


def panels(runs):
    """One line for each panel, by itself, and one for the page's data together."""
    boss = User.objects.get(email="head@seller.example")
    kept = measure.result("kept by the tick", [measure.timed(keeping.go_on)])
    bulk.vacuum()
    _count(boss)  # what is read once in a process's life
    note = f"{Deal.objects.count():,} deals, {Transition.objects.count():,} rows"
    actions = {panel.key: partial(_count, boss, panel) for panel in registry.shown_to(boss)}
    actions["all panels"] = partial(_count, boss)
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_ENCODING="gzip")
    client.force_login(boss)
    actions["the page"] = partial(_get, client)
    _spare_the_ledger(partial(_count, boss))
    times = measure.interleaved(actions, runs)
    return [kept, *(_line(name, action, times[name], note) for name, action in actions.items())]


def _spare_the_ledger(action):
    """Ask for the plan of each statement of it that names the ledger."""
    if connection.vendor != "postgresql" or Transition.objects.count() < LEDGER:
        return
    with CaptureQueriesContext(connection) as captured:
        action()
    for sql in (query["sql"] for query in captured.captured_queries if "deals_transition" in query["sql"]):
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql)
            plan = "\n".join(row[0] for row in cursor.fetchall())
        if "Seq Scan on deals_transition" in plan:
            raise RuntimeError(f"The whole ledger is read: {sql}\n{plan}")


def _get(client):
    """As a request, with its filters and templates."""
    response = client.get("/dashboard/")
    if response.status_code != 200:
        raise RuntimeError(f"/dashboard/ answered {response.status_code}")


def _count(boss, panel=None):
    lens = Lens.from_query(boss, {}, timezone.now())
    with remembered():
        for each in [panel] if panel else registry.shown_to(boss):
            each.of(lens)


def _line(name, action, times, note):
    _nothing, statements, in_database = measure.statements(action)
    return measure.result(name, times, statements=statements, in_database=in_database, note=note)
