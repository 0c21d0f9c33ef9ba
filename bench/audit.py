"""What the audit costs: its figures, its page, its sheet, keeping it, and moving back all that fail.

The deals beyond the generated ones are copies without answers and without a ledger, so only those generated are moved.
"""

import uuid
from functools import partial

from django.test import Client
from django.utils import timezone

from deals.models import BulkAction, BulkRun, Deal
from deals.rows.among import Among
from deals.runs import bulk
from insights.audit import acting, figures, keeping, listing
from insights.audit.look import DRAFT, Look
from pipeline.models import Criterion, Pipeline
from team.models import User, remembered

from . import measure
from .publishing import grow

BOSS = "head@seller.example"
LIVE = 100_000
# So long a run over all deals is watched.
SECONDS = 30


def audit(runs, live=LIVE):
    boss, pipeline = User.objects.get(email=BOSS), Pipeline.objects.exclude(version=None).get()
    made = list(Deal.objects.live().values_list("pk", flat=True))
    grow(live, [(Deal, ["id"])])
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_ENCODING="gzip")
    client.force_login(boss)
    live = Deal.objects.made().live().count()
    found = [
        _line(f"figures, {live:,} live deals", lambda: figures.of(_look(boss)), runs),
        _line("what 50 of them lack", lambda: _first(boss), runs),
        _line("the page", partial(_get, client), runs),
    ]
    _tighten(pipeline)
    found.append(_line("figures against a draft", lambda: figures.of(_look(boss, DRAFT)), max(1, runs // 5)))
    found.append(_line("the sheet of deals", lambda: sum(1 for _row in listing.sheet(_look(boss))), 1))
    found.append(_line("keeping it", lambda: keeping.keep(_look(boss), by=boss, now=timezone.now()), 1))
    return [*found, *_back(boss, made)]


def _look(boss, against=""):
    return Look.from_query(boss, {"against": against}, timezone.now())


def _first(boss):
    look = _look(boss)
    return listing.rows(look, listing.Failing(look)[:50])


def _get(client):
    response = client.get("/audit/")
    if response.status_code != 200:
        raise RuntimeError(f"/audit/ answered {response.status_code}")


def _line(name, action, runs):
    """One run to warm up where there are several."""
    if runs > 1:
        action()
    with remembered():  # as in a request
        _done, statements, in_database = measure.statements(action)
        times = [measure.timed(action) for _run in range(runs)]
    return measure.result(name, times, statements=statements, in_database=in_database)


def _tighten(pipeline):
    """The draft asks for more words."""
    Criterion.objects.filter(stage__pipeline=pipeline, kind="text", retired_at=None).update(min_length=60)


def _back(boss, made):
    """All generated ones that fail for an open gate: put on record, then worked off for a while."""
    look, now = _look(boss), timezone.now()
    deals = acting.all_of(look, BulkAction.BACK).filter(Among("pk", made))
    run, times = None, []

    def ask():
        nonlocal run
        run = bulk.ask_all(BulkAction.BACK, {"reason": "Bench"}, deals, by=boss, token=uuid.uuid4(), now=now)

    times.append(measure.timed(ask))
    asked = run.items.count()
    worked = measure.timed(partial(bulk.work_off, run, now, SECONDS))
    done = run.items.exclude(outcome="").count()
    refused = run.items.filter(outcome="refused").count()
    note = f"{done:,} of them, {done / (worked[0] / 1000):,.0f} a second, {refused} refused"
    return [
        measure.result(f"a run over {asked:,} deals, put on record", times),
        measure.result("moving them back", [worked], note=note),
        *_forth(run, boss, now),
    ]


def _forth(run, boss, now):
    """The whole run undone, where it came to its end."""
    run = BulkRun.objects.get(pk=run.pk)
    if run.finished_at is None:
        return []
    undoing = bulk.undo(run, by=boss, now=now)
    worked = measure.timed(partial(bulk.work_off, undoing, now, SECONDS))
    done = undoing.items.filter(outcome="done").count()
    note = f"{done:,} of them, {done / (worked[0] / 1000):,.0f} a second"
    return [measure.result("undoing it", [worked], note=note)]
