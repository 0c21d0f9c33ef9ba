"""What the figures of ninety days cost in a company with a long history: the window is read, not the ledger."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deals import moves
from deals.models import Activity, Deal, Transition
from insights import registry
from insights.attention import discipline
from insights.flow import keeping
from insights.forecast import wins
from insights.lens import Lens
from insights.metrics import cohorts, stays, waiting
from insights.panels import enough

from .. import factories as f

# Plans are PostgreSQL's.
pytestmark = [pytest.mark.django_db, pytest.mark.engine("postgresql")]
COPIES = 4000


@pytest.fixture
def history():
    return told(12)


def told(hours):
    """A deal that was won in five steps, and four thousand like it, one every so many hours back in time."""
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    deal = f.make_deal(pipeline)
    for name in ("Discover", "Propose", "Close"):
        moves.advance(deal.pk, to=f.stage_of(pipeline, name).pk, seen_seq=None, by=None)
    moves.win(deal.pk, seen_seq=None, by=None)
    f.log_call(deal)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("deals_deal", "deals_transition", "deals_activity"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        _copy(cursor, Deal, deal.pk, "id", ["created_at", "closed_at", "stage_entered_at"], hours)
        for model in (Transition, Activity):
            _copy(cursor, model, deal.pk, "deal_id", ["happened_at", "recorded_at"], hours)
        keeping.go_on()
        cursor.execute("ANALYZE")
    return deal


def _copy(cursor, model, pk, key, instants, hours):
    """The rows of that deal again and again, each with another id and its instants further back."""
    said = {field.column: f"t.{field.column}" for field in model._meta.concrete_fields}
    said[key] = f"t.{key} + 1000 + g"
    if key == "id":
        said["token"] = "gen_random_uuid()"
    else:
        del said["id"]
    said |= {name: f"t.{name} - g * interval '{hours} hours'" for name in instants}
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({', '.join(said)}) SELECT {', '.join(said.values())}"
        f" FROM {model._meta.db_table} t, generate_series(1, %s) g WHERE t.{key} = %s",
        [COPIES, pk],
    )


@pytest.mark.parametrize("narrowed", ["", "owner", "pipeline"])
def test_no_statement_of_a_quarter_reads_the_whole_ledger(history, narrowed):
    kept = _spared({narrowed: getattr(history, f"{narrowed}_id")} if narrowed else {})
    assert [plan for plan in kept if "Seq Scan on insights_" in plan] == []


def test_nor_where_one_deal_in_thirteen_moved_in_it():
    """What is kept is a few pages here, which PostgreSQL may read whole."""
    told(7)
    _spared({})


def _spared(asked):
    boss, today = f.make_admin(), timezone.now().date()
    lens = Lens(boss, timezone.now(), "90", today - timedelta(days=89), today, **asked)
    with CaptureQueriesContext(connection) as captured:
        found = {panel.key: panel.of(lens) for panel in registry.shown_to(boss)}
    assert found["leak"].rows[0].cohort.reached > 100, "there is something to read"
    asked = [query["sql"] for query in captured.captured_queries]
    plans = [_plan(sql) for sql in asked if "deals_transition" in sql]
    assert len(plans) >= 6
    assert [plan for plan in plans if "Seq Scan on deals_transition" in plan] == []
    kept = [_plan(sql) for sql in asked if "FROM insights_" in sql]
    assert len(kept) == 3, "two periods of conversion, and time in stage"
    assert [plan for plan in kept if "deals_transition" in plan] == []
    return kept


# What a quarter asks of the ledger and beside it -> the indexes that have all of it.
ALONE = {
    "gates passed": (discipline._moves, {"transition_when"}),
    "moved back or let in": (cohorts.detours, {"transition_when"}),
    "newly qualified": (enough.of, {"transition_when", "transition_way", "deal_figures"}),
    "won": (
        lambda lens: wins.by_month(lens, [lens.start.replace(day=1)]),
        {"transition_won", "transition_way"},
    ),
    "what happened where": (waiting.acts, {"activity_when", "stay_of_deal", "deal_figures"}),
    "time in stage": (stays.stays, {"stay_when"}),
}


@pytest.mark.parametrize("name", ALONE)
def test_what_a_quarter_asks_stands_in_indexes_alone(history, name):
    """A column that an index lacks would leave no way to read it alone."""
    count, indexes = ALONE[name]
    today = timezone.now().date()
    lens = Lens(f.make_admin(), timezone.now(), "90", today - timedelta(days=89), today)
    with CaptureQueriesContext(connection) as captured:
        found = count(lens)
        list(found if isinstance(found, Iterator) else ())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pg_class SET relallvisible = relpages")  # as VACUUM leaves them
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plans = "".join(_plan(query["sql"]) for query in captured.captured_queries)
    assert {index for index in indexes if f"Index Only Scan using {index} " not in plans} == set()


def _plan(sql):
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql)
        return "\n".join(row[0] for row in cursor.fetchall())
