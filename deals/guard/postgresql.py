"""The guard's triggers on PostgreSQL. Refusals are check violations, so Django raises IntegrityError."""

import re

from django.apps import apps

from . import rules as r


def _refuse(message):
    return f"RAISE EXCEPTION '{message.replace(chr(39), chr(39) * 2)}' USING ERRCODE = '23514';"


def _function(name, body):
    options = _BY_ID if name == "hg_follow" else ""
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {options} AS $guard${body}$guard$"


def _differs(columns):
    return " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in columns)


def _bodies():
    yield (
        "hg_t1",
        f"""BEGIN
        IF NEW.seq <> 0 OR NEW.status <> 'open' OR NEW.stage_id IS DISTINCT FROM {r.ENTRY_STAGE_SQL}
           OR EXISTS (SELECT 1 FROM {r.LEDGER} p WHERE p.deal_id = NEW.id) THEN {_refuse(r.T1)} END IF;
        RETURN NEW; END""",
    )
    yield (
        "hg_t2",
        f"""BEGIN
        IF TG_OP <> 'UPDATE' THEN {_refuse(r.T2_DELETE)} END IF;
        IF NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (SELECT 1 FROM {r.LEDGER} p
            WHERE p.deal_id = NEW.id AND p.seq = NEW.seq AND p.to_stage_id = NEW.stage_id
            AND p.to_status = NEW.status)
           OR NEW.pipeline_id IS DISTINCT FROM (SELECT pipeline_id FROM {r.STAGE} WHERE id = NEW.stage_id)
           THEN {_refuse(r.T2)} END IF;
        RETURN NEW; END""",
    )
    yield "hg_t3", _ledger_body()
    yield "hg_follow", _follow_body()
    yield "hg_t4", f"BEGIN {_refuse(r.T4)} END"
    yield (
        "hg_t5",
        f"""BEGIN
        IF TG_OP = 'UPDATE' THEN
          IF to_jsonb(OLD) -> 'valid_until' = 'null'::jsonb
             AND to_jsonb(OLD) - 'valid_until' = to_jsonb(NEW) - 'valid_until' THEN
            IF {r.ENDED_BY_VERSION_SQL} THEN RETURN NEW; END IF;
          END IF;
        END IF;
        {_refuse(r.T5)} END""",
    )
    yield (
        "hg_t6",
        f"""BEGIN
        IF (NEW.version_id IS DISTINCT FROM OLD.version_id OR NEW.entry_stage_id IS DISTINCT FROM OLD.entry_stage_id)
           AND (NEW.version_id IS DISTINCT FROM {r.NEWEST_VERSION_SQL}
                OR NEW.entry_stage_id IS DISTINCT FROM {r.FIRST_STAGE_SQL}) THEN {_refuse(r.T6)} END IF;
        RETURN NEW; END""",
    )
    yield "hg_t7", _answer_body()
    yield "hg_t8", f"BEGIN {_refuse(r.T8)} END"


def _ledger_body():
    """One condition for each question, so that PostgreSQL plans them once: in a longer one it takes what a kind never
    asks for a reason to plan anew for each row."""
    return f"""DECLARE stands record; pipeline bigint; BEGIN
        SELECT stage_id, status, seq, pipeline_id INTO stands FROM {r.DEAL} WHERE id = NEW.deal_id;
        IF NOT FOUND OR NEW.seq <> stands.seq + 1
           OR (NEW.seq > 1 AND (NEW.from_stage_id IS DISTINCT FROM stands.stage_id OR NEW.from_status <> stands.status))
           OR (NEW.seq = 1 AND (NEW.from_stage_id IS NOT NULL OR NEW.to_stage_id <> stands.stage_id))
           THEN {_refuse(r.T3_CHAIN)} END IF;
        IF NOT ({r.PREVIOUS_HASH_SQL}) THEN {_refuse(r.T3_CHAIN)} END IF;
        IF NOT ({r.legal_kind_sql()}) THEN {_refuse(r.T3_KIND)} END IF;
        SELECT pipeline_id INTO pipeline FROM {r.STAGE} WHERE id = NEW.to_stage_id;
        IF NOT FOUND OR NOT (pipeline = stands.pipeline_id OR NEW.kind = 'transfer')
           OR NOT ({r.stage_sql()}) THEN {_refuse(r.T3_STAGE)} END IF;
        IF NEW.kind = 'import' THEN
          IF NOT ({r.OF_ONE_BATCH_SQL}) THEN {_refuse(r.T3_STAGE)} END IF;
        END IF;
        IF NEW.kind = 'undo' THEN
          IF NOT ({r.UNDO_SQL}) THEN {_refuse(r.T3_STAGE)} END IF;
        END IF;
        RETURN NEW; END"""


def _follow_body():
    """All rows of a statement at once: opening a deal's twenty indexes for each takes as long as writing to them."""
    moved = f"""UPDATE {r.DEAL} SET stage_id = added.to_stage_id, status = added.to_status, seq = added.seq,
        pipeline_id = stage.pipeline_id"""
    added = f"FROM added JOIN {r.STAGE} stage ON stage.id = added.to_stage_id"
    beside = ", ".join(
        f"{name} = CASE WHEN said.own ? '{name}' THEN (said.own ->> '{name}')::{kind} ELSE {r.DEAL}.{name} END"
        for name, kind in r.BESIDE.items()
    )
    return f"""DECLARE beside jsonb := NULLIF(current_setting('{r.BESIDE_SETTING}', true), '')::jsonb; BEGIN
        IF beside IS NULL THEN {moved} {added} WHERE {r.DEAL}.id = added.deal_id;
        ELSE {moved}, {beside} {added}
            CROSS JOIN LATERAL (SELECT beside -> added.deal_id::text AS own OFFSET 0) said
            WHERE {r.DEAL}.id = added.deal_id;
        END IF;
        RETURN NULL; END"""


# The plan is kept for the whole connection, for one row as for thousands: always by the deals' ids.
_BY_ID = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"


def _answer_body():
    free = ", ".join(f"'{c}'" for c in r.JUDGED_COLUMNS + r.REPLACED_COLUMNS + r.NAMED_COLUMNS)
    renamed = " OR ".join(
        f"(NEW.{c} IS DISTINCT FROM OLD.{c} AND ({r.merged_sql(c)}) IS NOT TRUE)" for c in r.NAMED_COLUMNS
    )
    return f"""BEGIN
        IF TG_OP <> 'UPDATE' THEN {_refuse(r.T7)} END IF;
        IF to_jsonb(OLD) - ARRAY[{free}] <> to_jsonb(NEW) - ARRAY[{free}] OR {renamed} OR {r.REVIVED_SQL}
           OR (OLD.replaced_at IS NOT NULL AND NEW.replaced_at IS DISTINCT FROM OLD.replaced_at)
           THEN {_refuse(r.T7)} END IF;
        RETURN NEW; END"""


def _not_only_judged():
    """SQL condition over OLD and NEW: more of an answer differs than what judging writes."""
    columns = sorted(
        f.column
        for f in apps.get_model("deals", "Answer")._meta.concrete_fields
        if f.column not in r.JUDGED_COLUMNS
    )
    return _differs(columns)


_FOLLOW = f"""CREATE TRIGGER hg_follow AFTER INSERT ON {r.LEDGER} REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION hg_follow()"""


def triggers():
    """(name, table, CREATE TRIGGER statement) of every trigger."""
    row = [
        ("hg_t1_insert", r.DEAL, "BEFORE INSERT", "hg_t1"),
        ("hg_t2_update", r.DEAL, "BEFORE UPDATE", "hg_t2"),
        ("hg_t2_delete", r.DEAL, "BEFORE DELETE", "hg_t2"),
        ("hg_t3_insert", r.LEDGER, "BEFORE INSERT", "hg_t3"),
        ("hg_t4_update", r.LEDGER, "BEFORE UPDATE", "hg_t4"),
        ("hg_t4_delete", r.LEDGER, "BEFORE DELETE", "hg_t4"),
        ("hg_t6_update", r.PIPELINE, "BEFORE UPDATE", "hg_t6"),
        ("hg_t7_update", r.ANSWER, "BEFORE UPDATE", "hg_t7"),
        ("hg_t7_delete", r.ANSWER, "BEFORE DELETE", "hg_t7"),
    ]
    for number, table in enumerate(r.DEFINITIONS, 1):
        row.append((f"hg_t5_update_{number}", table, "BEFORE UPDATE", "hg_t5"))
        row.append((f"hg_t5_delete_{number}", table, "BEFORE DELETE", "hg_t5"))
    for number, table in enumerate(r.KEPT, 1):
        row.append((f"hg_t8_update_{number}", table, "BEFORE UPDATE", "hg_t8"))
        row.append((f"hg_t8_delete_{number}", table, "BEFORE DELETE", "hg_t8"))
    # A publication judges answers and counts deals by the hundred thousand.
    only = {
        "hg_t2_update": f"WHEN ({_differs(r.GUARDED_COLUMNS)}) ",
        "hg_t7_update": f"WHEN ({_not_only_judged()}) ",
    }
    found = [
        (
            name,
            table,
            f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW {only.get(name, '')}EXECUTE FUNCTION {function}()",
        )
        for name, table, when, function in row
    ]
    found.append(("hg_follow", r.LEDGER, _FOLLOW))
    for name, table, function in [
        ("hg_t2_truncate", r.DEAL, "hg_t2"),
        ("hg_t4_truncate", r.LEDGER, "hg_t4"),
        ("hg_t7_truncate", r.ANSWER, "hg_t7"),
        *((f"hg_t5_truncate_{n}", table, "hg_t5") for n, table in enumerate(r.DEFINITIONS, 1)),
        *((f"hg_t8_truncate_{n}", table, "hg_t8") for n, table in enumerate(r.KEPT, 1)),
    ]:
        statement = f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        found.append((name, table, statement))
    return found


def create_statements():
    return [_function(name, body) for name, body in _bodies()] + [sql for _name, _table, sql in triggers()]


def drop_one(name, table):
    return f"DROP TRIGGER IF EXISTS {name} ON {table}"


def drop_statements():
    """Tables may not exist yet on the first migration, hence the DO block."""
    return [
        f"DO $guard$ BEGIN IF to_regclass('{table}') IS NOT NULL THEN {drop_one(name, table)}; END IF; END $guard$"
        for name, table, _sql in triggers()
    ]


# Switched on for us ('A' and 'O'; 'R' is on for replication alone), each as the database says it back.
PRESENT = """SELECT t.tgname, pg_get_triggerdef(t.oid, true), p.prosrc FROM pg_trigger t
    JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled IN ('A', 'O') AND c.relnamespace = current_schema()::regnamespace"""


def standing(rows):
    """Names of triggers that are there as they were written, on their table and with their function."""
    bodies = dict(_bodies())
    written = {
        name: (_plainly(sql), bodies[sql.rpartition("EXECUTE FUNCTION ")[2].removesuffix("()")])
        for name, _table, sql in triggers()
    }
    return {name for name, text, body in rows if written.get(name) == (_plainly(text), body)}


def _plainly(sql):
    """Without brackets, case, casts and runs of blanks, in which the database's words differ from ours."""
    return " ".join(re.sub(r"::(text|character varying)|[()]", "", sql).lower().split())
