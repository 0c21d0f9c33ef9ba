"""The guard's triggers on SQLite. RAISE(ABORT) comes back as IntegrityError.

PRAGMA recursive_triggers=ON (settings) makes INSERT OR REPLACE fire the delete triggers; without it a REPLACE
would get past T4.
"""

from django.apps import apps
from django.db.models import UniqueConstraint

from . import rules as r


def _refuse(message):
    return f"SELECT RAISE(ABORT, '{message.replace(chr(39), chr(39) * 2)}')"


def _trigger(name, table, when, condition, action):
    where = f" WHEN {condition}" if condition else ""
    return name, table, f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW{where} BEGIN {action}; END"


def _deal():
    changed = " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in r.GUARDED_COLUMNS)
    backed = (
        f"NEW.id = OLD.id AND NEW.seq = OLD.seq + 1"
        f" AND EXISTS (SELECT 1 FROM {r.LEDGER} p WHERE p.deal_id = NEW.id AND p.seq = NEW.seq"
        f" AND p.to_stage_id = NEW.stage_id AND p.to_status = NEW.status)"
        f" AND NEW.pipeline_id IS (SELECT pipeline_id FROM {r.STAGE} WHERE id = NEW.stage_id)"
    )
    start = (
        f"NEW.seq <> 0 OR NEW.status <> 'open' OR NEW.stage_id IS NOT {r.ENTRY_STAGE_SQL}"
        f" OR EXISTS (SELECT 1 FROM {r.LEDGER} p WHERE p.deal_id = NEW.id)"
        # A REPLACE would delete the row that has the value already. NOT (= '') is how the partial index says it.
        f" OR EXISTS (SELECT 1 FROM {r.DEAL} d WHERE d.token = NEW.token"
        f" OR (NOT (d.external_id = '') AND d.external_id = NEW.external_id))"
    )
    yield _trigger("hg_t1_insert", r.DEAL, "BEFORE INSERT", start, _refuse(r.T1))
    # Not "UPDATE OF ...": an update of rowid, which is the id, would not fire it.
    yield _trigger("hg_t2_update", r.DEAL, "BEFORE UPDATE", f"({changed}) AND NOT ({backed})", _refuse(r.T2))
    yield _trigger("hg_t2_delete", r.DEAL, "BEFORE DELETE", "", _refuse(r.T2_DELETE))


def _ledger():
    # A REPLACE of an existing row, by its id or its key, is not a continuation.
    chain = (
        f"EXISTS (SELECT 1 FROM {r.LEDGER} p WHERE p.id = NEW.id)"
        f" OR EXISTS (SELECT 1 FROM {r.LEDGER} p WHERE p.deal_id = NEW.deal_id AND p.key = NEW.key AND p.key <> '')"
        f" OR NOT EXISTS (SELECT 1 FROM {r.DEAL} d WHERE d.id = NEW.deal_id AND NEW.seq = d.seq + 1 AND ("
        f"(NEW.seq > 1 AND NEW.from_stage_id IS d.stage_id AND NEW.from_status IS d.status)"
        f" OR (NEW.seq = 1 AND NEW.from_stage_id IS NULL AND NEW.to_stage_id = d.stage_id)))"
        f" OR NOT ({r.PREVIOUS_HASH_SQL})"
    )
    stage = (
        f"NOT ({r.stage_sql()}) OR NOT ({r.STAGE_IN_PIPELINE_SQL}) OR (NEW.kind = 'undo' AND NOT ({r.UNDO_SQL}))"
        f" OR (NEW.kind = 'import' AND NOT ({r.OF_ONE_BATCH_SQL}))"
    )
    yield _trigger("hg_t3_chain", r.LEDGER, "BEFORE INSERT", chain, _refuse(r.T3_CHAIN))
    yield _trigger("hg_t3_kind", r.LEDGER, "BEFORE INSERT", f"NOT {r.legal_kind_sql()}", _refuse(r.T3_KIND))
    yield _trigger("hg_t3_stage", r.LEDGER, "BEFORE INSERT", stage, _refuse(r.T3_STAGE))
    yield _trigger("hg_follow", r.LEDGER, "AFTER INSERT", "", r.FOLLOW_SQL)
    yield _trigger("hg_t4_update", r.LEDGER, "BEFORE UPDATE", "", _refuse(r.T4))
    yield _trigger("hg_t4_delete", r.LEDGER, "BEFORE DELETE", "", _refuse(r.T4))


def _keys(model):
    """Of each unique key beside the id: its columns, and those that are NULL wherever it holds."""
    meta = model._meta
    for field in meta.concrete_fields:
        if field.unique and not field.primary_key:
            yield [field.column], []
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            columns = [meta.get_field(name).column for name in constraint.fields]
            asked = constraint.condition.children if constraint.condition else []
            yield columns, [meta.get_field(name.removesuffix("__isnull")).column for name, _true in asked]


def _replaces(table):
    """SQL condition over NEW: a REPLACE would delete the row that has its id or another key of it already."""
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    taken = ["p.id = NEW.id"]
    for columns, empty in _keys(model):
        same = [f"p.{c} = NEW.{c}" for c in columns] + [f"p.{c} IS NULL AND NEW.{c} IS NULL" for c in empty]
        taken.append(f"({' AND '.join(same)})")
    return f"EXISTS (SELECT 1 FROM {table} p WHERE {' OR '.join(taken)})"


def _definitions():
    models = {model._meta.db_table: model for model in apps.get_models()}
    for number, table in enumerate(r.DEFINITIONS, 1):
        columns = [
            field.column for field in models[table]._meta.concrete_fields if field.column != "valid_until"
        ]
        changed = " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in columns)
        if "valid_until" in {field.column for field in models[table]._meta.concrete_fields}:
            changed += f" OR OLD.valid_until IS NOT NULL OR NOT {r.ENDED_BY_VERSION_SQL}"
        yield _trigger(f"hg_t5_insert_{number}", table, "BEFORE INSERT", _replaces(table), _refuse(r.T5))
        yield _trigger(f"hg_t5_update_{number}", table, "BEFORE UPDATE", changed, _refuse(r.T5))
        yield _trigger(f"hg_t5_delete_{number}", table, "BEFORE DELETE", "", _refuse(r.T5))


def _pipeline():
    changed = "NEW.version_id IS NOT OLD.version_id OR NEW.entry_stage_id IS NOT OLD.entry_stage_id"
    newest = f"NEW.version_id IS {r.NEWEST_VERSION_SQL} AND NEW.entry_stage_id IS {r.FIRST_STAGE_SQL}"
    when = "BEFORE UPDATE OF version_id, entry_stage_id"
    yield _trigger("hg_t6_update", r.PIPELINE, when, f"({changed}) AND NOT ({newest})", _refuse(r.T6))


def _answers():
    columns = {f.column for f in apps.get_model("deals", "Answer")._meta.concrete_fields}
    evidence = sorted(columns - {*r.JUDGED_COLUMNS, *r.REPLACED_COLUMNS, *r.NAMED_COLUMNS})
    changed = [f"NEW.{c} IS NOT OLD.{c}" for c in evidence]
    changed += [f"(NEW.{c} IS NOT OLD.{c} AND COALESCE({r.merged_sql(c)}, 0) = 0)" for c in r.NAMED_COLUMNS]
    changed += [r.REVIVED_SQL, "(OLD.replaced_at IS NOT NULL AND NEW.replaced_at IS NOT OLD.replaced_at)"]
    # A REPLACE would delete the row it collides with, by its id or as the current one.
    replaced = (
        f"EXISTS (SELECT 1 FROM {r.ANSWER} a WHERE a.id = NEW.id) OR (NEW.is_current AND EXISTS (SELECT 1"
        f" FROM {r.ANSWER} a WHERE a.deal_id = NEW.deal_id AND a.criterion_id = NEW.criterion_id AND a.is_current))"
    )
    yield _trigger("hg_t7_insert", r.ANSWER, "BEFORE INSERT", replaced, _refuse(r.T7))
    yield _trigger("hg_t7_update", r.ANSWER, "BEFORE UPDATE", " OR ".join(changed), _refuse(r.T7))
    yield _trigger("hg_t7_delete", r.ANSWER, "BEFORE DELETE", "", _refuse(r.T7))


def _kept():
    for number, table in enumerate(r.KEPT, 1):
        yield _trigger(f"hg_t8_insert_{number}", table, "BEFORE INSERT", _replaces(table), _refuse(r.T8))
        yield _trigger(f"hg_t8_update_{number}", table, "BEFORE UPDATE", "", _refuse(r.T8))
        yield _trigger(f"hg_t8_delete_{number}", table, "BEFORE DELETE", "", _refuse(r.T8))


def triggers():
    """(name, table, CREATE TRIGGER statement) of every trigger."""
    return [*_deal(), *_ledger(), *_definitions(), *_pipeline(), *_answers(), *_kept()]


def create_statements():
    return [sql for _name, _table, sql in triggers()]


def drop_one(name, table):
    return f"DROP TRIGGER IF EXISTS {name}"


def drop_statements():
    return [drop_one(name, table) for name, table, _sql in triggers()]


PRESENT = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"


def standing(rows):
    """Names of triggers that are there as they were written."""
    written = {name: sql for name, _table, sql in triggers()}
    return {name for name, sql in rows if written.get(name) == sql}
