"""Each trigger of the guard has a probe: refused while the trigger stands, let through once that one is gone."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from deals import guard, moves
from deals.guard import rules
from deals.models import Deal, GateRefusal, Kind, Status, Transition

from .. import factories as f
from .attacks import ATTACKS
from .world import refused, sql, undone

pytestmark = pytest.mark.django_db
FORGED, CHANGED, BY_SQL, ANSWERS = (
    ATTACKS[name]
    for name in ("forged ledger rows", "changed ledger rows", "SQL on deals", "answers as they were given")
)


def insert_late(w):
    w.new_deal(stage_id=w.last).save(force_insert=True)


def delete_a_half_made_deal(w):
    half = w.new_deal()
    half.save(force_insert=True)
    sql("DELETE FROM deals_deal WHERE id = %s", half.pk)


def truncate_deals_but_for_the_ledger(w):
    """Without the triggers of the ledger, the answers and the refusals, which would stop the cascade."""
    guard.remove(f"hg_t8_truncate_{len(rules.KEPT)}")
    guard.remove("hg_t4_truncate")
    guard.remove("hg_t7_truncate")
    BY_SQL["sql_truncate_deals"](w)


def change_definition(table):
    column = "note = 'x'" if table == "pipeline_processversion" else "position = 99"
    return lambda w: sql(f"UPDATE {table} SET {column}")


def delete_definition(table):
    return lambda w: sql(f"DELETE FROM {table}")


def truncate_definition(table):
    def attack(w):
        guard.remove("hg_t4_truncate")
        guard.remove("hg_t2_truncate")
        guard.remove("hg_t7_truncate")
        for number in range(1, len(rules.KEPT) + 1):
            guard.remove(f"hg_t8_truncate_{number}")
        for number, other in enumerate(rules.DEFINITIONS, 1):
            if other != table:
                guard.remove(f"hg_t5_truncate_{number}")
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"TRUNCATE {table} CASCADE")

    return attack


def replace_definition(table):
    """As a connection does that never read our settings."""

    def attack(w):
        with connection.cursor() as cursor:
            names = ", ".join(
                f'"{column.name}"' for column in connection.introspection.get_table_description(cursor, table)
            )
        sql("PRAGMA recursive_triggers = OFF")
        try:
            sql(f"INSERT OR REPLACE INTO {table} ({names}) SELECT {names} FROM {table}")
        finally:
            sql("PRAGMA recursive_triggers = ON")

    return attack


def replace_answer(w):
    """As a connection does that never read our settings."""
    sql("PRAGMA recursive_triggers = OFF")
    try:
        ANSWERS["sql_replace_an_answer_by_a_newer_one"](w)
    finally:
        sql("PRAGMA recursive_triggers = ON")


def written_down(w):
    """A night of the forecast, a manager's own figure and a move the gate refused."""
    from insights.models import ForecastDay, ForecastRow, ManagerCall, StageRecord

    day = ForecastDay.objects.create(day=timezone.now().date(), taken_at=timezone.now())
    of = {"pipeline_id": w.pipeline.pk, "owner": w.rep, "team": w.deal.team}
    ForecastRow.objects.create(day=day, month=day.day.replace(day=1), **of)
    StageRecord.objects.create(day=day, stage_id=w.last, probability=90)
    ManagerCall.objects.create(month=day.day.replace(day=1), amount=1, by=w.rep, at=timezone.now())
    GateRefusal.objects.create(deal=w.deal, at=timezone.now(), from_stage_id=w.here, source="page")


def start_elsewhere(w):
    sql("UPDATE pipeline_pipeline SET entry_stage_id = %s WHERE id = %s", w.last, w.pipeline.pk)


def kept(table, attack):
    """The attack on a table that holds a night of the forecast and a manager's word."""

    def on_rows(w):
        written_down(w)
        attack(w)

    return on_rows


def truncate_kept(table):
    def attack(w):
        for number, other in enumerate(rules.KEPT, 1):
            if other != table:
                guard.remove(f"hg_t8_truncate_{number}")
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(f"TRUNCATE {table} CASCADE")

    return attack


PROBES = {
    "hg_t1_insert": insert_late,
    "hg_t2_update": BY_SQL["sql_update_stage"],
    "hg_t2_delete": delete_a_half_made_deal,
    "hg_t2_truncate": truncate_deals_but_for_the_ledger,
    "hg_t3_insert": FORGED["forge_a_broken_chain"],  # PostgreSQL: chain, kind and stage in one function
    "hg_t3_chain": FORGED["forge_a_broken_chain"],
    "hg_t3_kind": FORGED["forge_a_kind_that_is_not_legal"],
    "hg_t3_stage": FORGED["forge_a_pause_that_moves"],
    "hg_t4_update": CHANGED["update_a_ledger_row"],
    "hg_t4_delete": CHANGED["sql_delete_the_newest_ledger_row"],
    "hg_t4_truncate": CHANGED.get("sql_truncate_the_ledger"),
    "hg_t6_update": start_elsewhere,
    "hg_t7_insert": replace_answer,
    "hg_t7_update": ANSWERS["write_other_words_into_an_answer"],
    "hg_t7_delete": ANSWERS["sql_delete_an_answer"],
    "hg_t7_truncate": ANSWERS.get("sql_truncate_the_answers"),
}
for number, table in enumerate(rules.DEFINITIONS, 1):
    PROBES[f"hg_t5_insert_{number}"] = replace_definition(table)
    PROBES[f"hg_t5_update_{number}"] = change_definition(table)
    PROBES[f"hg_t5_delete_{number}"] = delete_definition(table)
    PROBES[f"hg_t5_truncate_{number}"] = truncate_definition(table)
for number, table in enumerate(rules.KEPT, 1):
    PROBES[f"hg_t8_insert_{number}"] = kept(table, replace_definition(table))
    PROBES[f"hg_t8_update_{number}"] = kept(table, lambda w, t=table: sql(f"UPDATE {t} SET id = id + 7"))
    PROBES[f"hg_t8_delete_{number}"] = kept(table, delete_definition(table))
    PROBES[f"hg_t8_truncate_{number}"] = truncate_kept(table)
FOLLOW = "hg_follow"  # does something instead of refusing: it has a test of its own


def expected():
    each = range(1, len(rules.DEFINITIONS) + 1)
    shared = [
        "hg_t1_insert",
        "hg_t2_update",
        "hg_t2_delete",
        "hg_follow",
        "hg_t4_update",
        "hg_t4_delete",
        "hg_t6_update",
        "hg_t7_update",
        "hg_t7_delete",
    ]
    shared += [f"hg_t5_{event}_{number}" for event in ("update", "delete") for number in each]
    kept_tables = range(1, len(rules.KEPT) + 1)
    shared += [f"hg_t8_{event}_{number}" for event in ("update", "delete") for number in kept_tables]
    if connection.vendor == "sqlite":
        return shared + [
            *(f"hg_t8_insert_{number}" for number in kept_tables),
            "hg_t3_chain",
            "hg_t3_kind",
            "hg_t3_stage",
            "hg_t7_insert",
            *(f"hg_t5_insert_{number}" for number in each),
        ]
    truncated = [
        "hg_t2_truncate",
        "hg_t4_truncate",
        "hg_t7_truncate",
        *(f"hg_t5_truncate_{number}" for number in each),
        *(f"hg_t8_truncate_{number}" for number in kept_tables),
    ]
    return [*shared, "hg_t3_insert", *truncated]


def test_the_guard_consists_of_these_triggers():
    assert sorted(guard.names()) == sorted(expected())
    assert rules.DEFINITIONS == [
        "pipeline_processversion",
        "pipeline_stagedefinition",
        "pipeline_criteriondefinition",
        "pipeline_ruledefinition",
    ]
    assert rules.KEPT == [
        "insights_forecastday",
        "insights_forecastrow",
        "insights_stagerecord",
        "insights_managercall",
        "deals_gaterefusal",
    ]


def test_every_trigger_has_a_probe():
    assert not [name for name in guard.names() if name != FOLLOW and PROBES.get(name) is None]


@pytest.mark.parametrize("name", [name for name in guard.names() if name != FOLLOW])
def test_without_the_trigger_its_probe_gets_through(w, name):
    with refused(DatabaseError):
        PROBES[name](w)
    with undone():
        guard.remove(name)
        PROBES[name](w)
    assert guard.missing() == []


def test_a_ledger_row_moves_the_deal_because_the_trigger_follows(w):
    with undone():
        w.forge(Kind.PAUSE, to_status=Status.PAUSED)
        assert f.fresh(w.deal).status == Status.PAUSED
    with undone():
        guard.remove(FOLLOW)
        w.forge(Kind.PAUSE, to_status=Status.PAUSED)
        assert f.fresh(w.deal).status == Status.OPEN


# What is no trigger but holds all the same: constraints.


def test_a_constraint_refuses_what_the_triggers_do_not_look_at(w):
    for name in ("forge_an_exception_without_an_approver", "forge_an_exception_one_grants_oneself"):
        with refused(DatabaseError, says="exception_has_reason_and_approver|CHECK"):
            FORGED[name](w)
    with refused(DatabaseError):
        Deal.objects.filter(pk=w.deal.pk).update(amount=-1)


def test_a_move_needs_the_guard_to_move_anything(w):
    """With the whole guard lifted the ledger row alone changes nothing: no second writer hides in the code."""
    with undone():
        guard.lift()
        moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, now=timezone.now())
        assert f.fresh(w.deal).status == Status.OPEN
        assert Transition.objects.filter(deal=w.deal, kind="archive").exists()
    with transaction.atomic():
        assert guard.missing() == []


def test_one_click_is_one_row_of_the_ledger(w):
    """The same key twice is refused by the table itself, whoever writes."""
    w.forge("pause", to_status="paused", key="one-click")
    with refused(IntegrityError):
        w.forge("resume", to_status="open", key="one-click")
    w.forge("resume", to_status="open", key="another")
