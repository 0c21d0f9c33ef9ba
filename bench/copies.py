"""Many deals in minutes: copies of those generated, with all that hangs on them, by INSERT ... SELECT.

A company with a history: every fourth copy is of all deals, some hours earlier; the others are of closed deals alone,
half a year to five years earlier. So one deal in seven is live, and a quarter holds a small part of the ledger.

A copy is thin in what nothing here reads: its ledger carries the hashes of the deal it was copied from, so its chain
does not hold up to a check. The guard is lifted meanwhile, put back, and asked for.
"""

from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, models, transaction
from django.utils import timezone

from deals import guard
from deals.models import (
    Activity,
    Answer,
    Approval,
    Attachment,
    Deal,
    FieldChange,
    GateRefusal,
    Stakeholder,
    StakeholderRole,
    Task,
    Transition,
)
from deals.models.machine import LIVE_STATUSES
from insights.forecast import nights
from insights.models import Standing
from insights.standing import standings

from . import bulk

# So many are generated; the rest are copies of them.
GENERATED = 2_000
# Between the ids of one copy and the next.
APART = 1_000_000
_LIVE = ", ".join(f"'{status}'" for status in LIVE_STATUSES)
# Those that hold up no constraint.
_INDEXES = """
SELECT i.indexname, i.indexdef FROM pg_indexes i
WHERE i.schemaname = current_schema() AND i.tablename = ANY(%s) AND NOT EXISTS (
    SELECT 1 FROM pg_constraint c JOIN pg_class k ON k.oid = c.conindid WHERE k.relname = i.indexname)
"""
_WHEN = ["happened_at", "recorded_at", "created_at", "asked_at", "at"]
_OF_DEAL = "deals_deal d ON d.id = t.deal_id"
# Tables with the columns that point to other copied rows, and how a row finds its deal.
_COPIED = {
    Deal: (["id"], "deals_deal d ON d.id = t.id"),
    Transition: (["id", "deal_id"], _OF_DEAL),
    Stakeholder: (["id", "deal_id"], _OF_DEAL),
    StakeholderRole: (
        ["id", "stakeholder_id"],
        "deals_stakeholder s ON s.id = t.stakeholder_id JOIN deals_deal d ON d.id = s.deal_id",
    ),
    Activity: (["id", "deal_id"], _OF_DEAL),
    Activity.attendees.through: (
        ["id", "activity_id"],
        "deals_activity a ON a.id = t.activity_id JOIN deals_deal d ON d.id = a.deal_id",
    ),
    Attachment: (["id", "deal_id"], _OF_DEAL),
    Answer: (["id", "deal_id", "activity_id", "attachment_id"], _OF_DEAL),
    Approval: (["id", "deal_id", "activity_id"], _OF_DEAL),
    Task: (["id", "deal_id"], _OF_DEAL),
    GateRefusal: (["id", "deal_id"], _OF_DEAL),
}


def multiply(deals, say=lambda words: None):
    """Copy the deals that are there until there are about so many. Returns how many there are."""
    made, closed = Deal.objects.count(), Deal.objects.exclude(status__in=LIVE_STATUSES).count()
    times = round((deals - made) / ((made + 3 * closed) / 4))
    bulk.widen()
    with _unguarded():
        with _without_indexes():
            for model, (shifted, deal) in _COPIED.items():
                with transaction.atomic():
                    _copy(model, shifted, deal, times)
                say(f"  {model._meta.db_table}: {model.objects.count():,} rows")
        _follow_ups()
        bulk.follow_ids(*_COPIED)
        bulk.analyse()
        _history()
    bulk.analyse()
    bulk.narrow()
    return Deal.objects.count()


@contextmanager
def _unguarded():
    """Without the guard and, where the database lets us, without checks of foreign keys; both stand again after it."""
    for name in guard.names():
        guard.remove(name)
    free = connection.vendor == "postgresql" and _asked(
        "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    ) == [(True,)]
    if free:
        bulk.run("SET session_replication_role = replica")
    yield
    if free:
        bulk.run("SET session_replication_role = DEFAULT")
    guard.install()
    if missing := guard.missing():
        raise RuntimeError(f"The guard did not come back: {', '.join(missing)}")


@contextmanager
def _without_indexes():
    """PostgreSQL builds an index of millions of rows several times as fast as it writes them into one."""
    if connection.vendor != "postgresql":
        yield
        return
    bulk.run("SET maintenance_work_mem = '512MB'; SET work_mem = '256MB'")
    found = _asked(_INDEXES, [[model._meta.db_table for model in _COPIED]])
    for name, _definition in found:
        bulk.run(f'DROP INDEX "{name}"')
    yield
    for _name, definition in found:
        bulk.run(definition.replace("%", "%%"))
    bulk.run("RESET maintenance_work_mem; RESET work_mem")


def _asked(sql, parameters=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return cursor.fetchall()


def _copy(model, shifted, deal, times):
    table, fields = model._meta.db_table, model._meta.concrete_fields
    values = [_value(field, shifted) for field in fields]
    bulk.run(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})"
        f" INSERT INTO {table} ({', '.join(field.column for field in fields)})"
        f" SELECT {', '.join(values)} FROM n CROSS JOIN {table} t JOIN {deal}"
        f" WHERE t.id < {APART} AND (n.i %% 4 = 0 OR d.status NOT IN ({_LIVE})) ORDER BY {_order(fields)}"
    )


def _order(fields):
    """Rows lie as they would have come in: the oldest first."""
    when = next((field for field in fields if field.column in _WHEN), None)
    return _earlier(f"t.{when.column}") if when else "n.i, t.id"


def _value(field, shifted):
    if field.column in shifted:
        return f"t.{field.column} + n.i * {APART}"
    if field.column == "token":
        return "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    if isinstance(field, models.DateTimeField):
        return _earlier(f"t.{field.column}")
    return f"t.{field.column}"


def _earlier(column):
    """As much for everything of one copy: up to sixty hours, and years where it holds closed deals alone."""
    minutes = "(n.i %% 97 * 37 + CASE WHEN n.i %% 4 = 0 THEN 0 ELSE (n.i %% 10 + 1) * 180 * 1440 END)"
    if connection.vendor == "postgresql":
        return f"{column} - {minutes} * INTERVAL '1 minute'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', {column}, '-' || {minutes} || ' minutes')"


def _follow_ups():
    """Every second task was made by a rule; of those some are done in time, some late."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    bulk.run("UPDATE deals_task SET rule_key = 'follow_up' WHERE id %% 2 = 0")
    bulk.run("UPDATE deals_task SET done_at = %s WHERE id %% 3 = 0", [now])


def _history():
    """How deals stood nine days ago, tonight's forecast, and expected closes that were put off."""
    now = timezone.now()
    standings.write_down(now - timedelta(days=9))
    bulk.run("UPDATE insights_standing SET proven = NOT proven WHERE deal_id %% 11 = 0")
    bulk.run("UPDATE insights_standing SET amount = amount * 0.9 WHERE deal_id %% 11 = 1")
    nights.write(now)
    pushed = {
        "deal": "d.id", "field": "'expected_close'", "old": "'2026-01-10'", "new": "'2026-02-20'", "at": "%s",
    }  # fmt: skip
    for days in (3, 40):
        at = connection.ops.adapt_datetimefield_value(now - timedelta(days=days))
        bulk.insert_select(
            FieldChange,
            pushed,
            f"FROM deals_deal d WHERE d.id %% 7 = {days % 7} AND d.status IN ({_LIVE})",
            [at],
        )
    bulk.follow_ids(Standing, FieldChange)
