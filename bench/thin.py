"""Open deals by the hundred thousand, in minutes: each in its pipeline's first stage, with its one ledger row.

Made with the guard in place, hashed by the product's own code. They have an owner, a company and an amount, but no
people of the buyer's, conversations, answers, tasks or earlier moves, and nothing of them is due for a year.
"""

from datetime import timedelta
from itertools import count

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from deals.models import Company, Deal, Kind, Source, Status, Transition
from deals.moves import ledger
from pipeline.models import Pipeline
from pipeline.process import process_of

from . import bulk
from .company import PROCESS

CHUNK = 20_000
_NUMBERS = "WITH RECURSIVE given(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM given WHERE i < {number})"
# Every rep once for each of their teams, numbered from 0.
_REPS = """(SELECT t.user_id, t.team_id, row_number() OVER (ORDER BY t.id) - 1 AS place, count(*) OVER () AS number
    FROM team_user_teams t JOIN team_user u ON u.id = t.user_id WHERE u.level = 'rep') reps"""
_READ = ["pk", "seq", "stage_id", "status", "owner_id", "team_id", "amount", "currency", "created_at"]


def fill(live, say=lambda words: None):
    """Add thin deals until so many are live."""
    process, now = process_of(Pipeline.objects.select_related("version").get(slug=PROCESS)), timezone.now()
    missing, numbers = live - Deal.objects.live().count(), bulk.ids(Transition)
    bulk.widen()
    for start in range(0, missing, CHUNK):
        last = Deal.objects.aggregate(last=Max("pk"))["last"] or 0
        _deals(process, min(CHUNK, missing - start), now - timedelta(hours=start // CHUNK + 1))
        _create_rows(process, last, numbers)
        say(f"  {min(start + CHUNK, missing):,} of {missing:,} thin deals")
    bulk.follow_ids(Transition)
    bulk.analyse()
    bulk.narrow()


@transaction.atomic
def _deals(process, number, created_at):
    """INSERT ... SELECT: as T1 wants them, at the entry stage, open, seq 0."""
    entry, next_year = process.entry, created_at + timedelta(days=365)
    companies = Company.objects.aggregate(first=Min("pk"), last=Max("pk"))
    columns = {
        "name": "'Line ' || i || ', as asked for'",
        "company": f"{companies['first']} + i %% {companies['last'] - companies['first'] + 1}",
        "pipeline": str(process.pipeline_id), "stage": str(entry.stage_id),
        "owner": "reps.user_id", "next_owner": "reps.user_id", "team": "reps.team_id",
        "amount": "1000 + i %% 997 * 100", "amount_base": "1000 + i %% 997 * 100",
        "total_here": str(len(process.exit_criteria(entry.stage_id))),
        "counts_as_pipeline": str(entry.counts_as_pipeline).upper(), "probability": str(entry.probability),
        "created_at": _instant(created_at), "stage_entered_at": _instant(created_at),
        "last_buyer_activity_at": _instant(created_at), "next_due_at": _instant(next_year),
        "next_due_rule": str(process.rule("follow_up").pk), "token": _TOKENS[connection.vendor],
    }  # fmt: skip
    source = f"FROM given JOIN {_REPS} ON reps.place = i %% reps.number"
    bulk.insert_select(Deal, columns, source, before=_NUMBERS.format(number=number))


_TOKENS = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}


def _instant(moment):
    said = f"'{connection.ops.adapt_datetimefield_value(moment)}'"
    return said + "::timestamptz" if connection.vendor == "postgresql" else said


@transaction.atomic
def _create_rows(process, after, numbers: count):
    """The first row of each deal's history; it lets the deal be seen."""
    rows = []
    for deal in Deal.objects.filter(pk__gt=after).order_by("pk").values_list(*_READ, named=True):
        row = ledger.row_for(
            deal, Kind.CREATE, to_stage_id=deal.stage_id, to_status=Status.OPEN, prev_hash="", by=None,
            now=deal.created_at, source=Source.PAGE, version_id=process.version.pk,
        )  # fmt: skip
        row.pk = next(numbers)
        rows.append(row)
    bulk.insert(Transition, rows)
