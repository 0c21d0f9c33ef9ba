"""What both dialects enforce, said once: tables, legal moves, messages."""

from ..models.machine import LEGAL, Kind, Status

DEAL = "deals_deal"
LEDGER = "deals_transition"
STAGE = "pipeline_stage"
PIPELINE = "pipeline_pipeline"
ANSWER = "deals_answer"
CONTACT = "deals_contact"
GUARDED_COLUMNS = ["id", "stage_id", "status", "seq", "pipeline_id"]
# Of an answer: what judging writes, what being replaced writes, and who is named. All else is evidence.
MEASURED_COLUMNS = ["text_says", "text_length", "text_items", "words_say"]
JUDGED_COLUMNS = ["opens", "flaw", "holds_until", *MEASURED_COLUMNS]
REPLACED_COLUMNS = ["is_current", "replaced_at"]
NAMED_COLUMNS = ["contact_id", "person_id"]
VERSION = "pipeline_processversion"
DEFINITIONS = [
    "pipeline_processversion",
    "pipeline_stagedefinition",
    "pipeline_criteriondefinition",
    "pipeline_ruledefinition",
]

# Columns of a deal, with PostgreSQL's type, that the statement which moves it may write as well: an UPDATE of its own
# would write the whole row and check all its references a second time. None of them says where a deal stands.
BESIDE = {
    "closed_at": "timestamptz",
    "loss_reason_id": "bigint",
    "exception_until": "date",
    "stage_entered_at": "timestamptz",
    "next_due_at": "timestamptz",
    "next_due_rule_id": "bigint",
}
# The setting that holds {deal's id: {column: value}} while those rows are written.
BESIDE_SETTING = "headgate.beside"

# Tables whose rows are written once; apps above put theirs before these when Django starts.
KEPT = ["deals_gaterefusal"]

T1 = "a deal starts at its pipeline's entry stage, open, without ledger rows"
T2 = "where a deal stands changes only by a ledger row"
T2_DELETE = "deals are archived, never deleted"
T3_CHAIN = "a ledger row continues its deal's chain"
T3_KIND = "this kind of ledger row is not legal from this status"
T3_STAGE = "the stage is not one this kind of ledger row may lead to"
T4 = "ledger rows are never changed"
T5 = "published definitions are never changed"
T6 = "a pipeline obeys its newest version and starts where that version starts"
T7 = "an answer stays as it was given; a correction is a new one"
T8 = "what was written down on its day stays as it was"

# kind -> statuses a row of that kind may lead to. None: the status stays as it was.
LEADS_TO = {
    Kind.ADVANCE: [Status.OPEN],
    Kind.EXCEPTION: [Status.OPEN],
    Kind.BACK: [Status.OPEN],
    Kind.WIN: [Status.WON],
    Kind.LOSE: [Status.LOST],
    Kind.RE_ENGAGE: [Status.RE_ENGAGING],
    Kind.RETURN: [Status.OPEN],
    Kind.PAUSE: [Status.PAUSED],
    Kind.RESUME: [Status.OPEN],
    Kind.ARCHIVE: [Status.ARCHIVED],
    Kind.REOPEN: [Status.OPEN],
    Kind.REMAP: None,
    Kind.TRANSFER: None,
    Kind.IMPORT: [Status.OPEN, Status.WON, Status.LOST, Status.ARCHIVED],
}
# Kinds that keep the stage a deal is in, and kinds that must change it.
KEEPS_STAGE = [Kind.LOSE, Kind.RE_ENGAGE, Kind.RETURN, Kind.PAUSE, Kind.RESUME, Kind.ARCHIVE]
CHANGES_STAGE = [Kind.ADVANCE, Kind.EXCEPTION, Kind.BACK]


def _quoted(values):
    return ", ".join(f"'{value}'" for value in values)


def legal_kind_sql():
    """SQL condition over NEW: its kind is legal from its from_status and leads to its to_status."""
    parts = [
        "(NEW.kind = 'create' AND NEW.from_status = '' AND NEW.to_status = 'open')",
        "(NEW.kind = 'undo')",
    ]
    for status, kinds in LEGAL.items():
        for kind in sorted(kinds):
            targets = LEADS_TO[kind] or [status]
            parts.append(
                f"(NEW.from_status = '{status}' AND NEW.kind = '{kind}' AND NEW.to_status IN ({_quoted(targets)}))"
            )
    return "(" + " OR ".join(parts) + ")"


def stage_sql():
    """SQL condition over NEW: the stage it leads to fits its kind (chain, pipeline and batch are checked apart)."""
    return (
        f"(NEW.kind NOT IN ({_quoted(KEEPS_STAGE)}) OR NEW.to_stage_id = NEW.from_stage_id)"
        f" AND (NEW.kind NOT IN ({_quoted(CHANGES_STAGE)}) OR NEW.to_stage_id <> NEW.from_stage_id)"
        " AND (NEW.kind <> 'import' OR NEW.seq = 2)"
        " AND ((NEW.kind = 'create') = (NEW.seq = 1))"
    )


OF_ONE_BATCH_SQL = f"""EXISTS (SELECT 1 FROM {LEDGER} p WHERE p.deal_id = NEW.deal_id AND p.seq = 1
    AND p.batch <> '' AND p.batch = NEW.batch)"""

UNDO_SQL = f"""EXISTS (SELECT 1 FROM {LEDGER} p WHERE p.deal_id = NEW.deal_id AND p.seq = NEW.seq - 1
    AND p.kind NOT IN ('create', 'import', 'undo', 'remap', 'transfer')
    AND NEW.to_stage_id = p.from_stage_id AND NEW.to_status = p.from_status)"""

STAGE_IN_PIPELINE_SQL = f"""EXISTS (SELECT 1 FROM {STAGE} s JOIN {DEAL} d ON d.id = NEW.deal_id
    WHERE s.id = NEW.to_stage_id AND (s.pipeline_id = d.pipeline_id OR NEW.kind = 'transfer'))"""

PREVIOUS_HASH_SQL = f"""NEW.prev_hash = COALESCE(
    (SELECT p.hash FROM {LEDGER} p WHERE p.deal_id = NEW.deal_id AND p.seq = NEW.seq - 1), '')"""

FOLLOW_SQL = f"""UPDATE {DEAL} SET stage_id = NEW.to_stage_id, status = NEW.to_status, seq = NEW.seq,
    pipeline_id = (SELECT pipeline_id FROM {STAGE} WHERE id = NEW.to_stage_id) WHERE id = NEW.deal_id"""

ENTRY_STAGE_SQL = f"(SELECT entry_stage_id FROM {PIPELINE} WHERE id = NEW.pipeline_id)"

# A definition ends with the publication of a later version, at its very moment.
ENDED_BY_VERSION_SQL = f"""EXISTS (SELECT 1 FROM {VERSION} own JOIN {VERSION} later
    ON later.pipeline_id = own.pipeline_id AND later.number > own.number
    WHERE own.id = NEW.version_id AND later.published_at = NEW.valid_until)"""

NEWEST_VERSION_SQL = (
    f"(SELECT v.id FROM {VERSION} v WHERE v.pipeline_id = NEW.id ORDER BY v.number DESC LIMIT 1)"
)
FIRST_STAGE_SQL = f"""(SELECT d.stage_id FROM pipeline_stagedefinition d JOIN {VERSION} v ON v.id = d.version_id
    WHERE v.pipeline_id = NEW.id AND d.valid_until IS NULL ORDER BY d.position LIMIT 1)"""

# A replaced answer never counts again.
REVIVED_SQL = "(NEW.is_current AND NOT OLD.is_current)"


def merged_sql(column):
    """SQL condition over OLD and NEW: the contact left a tombstone that points to the one named now."""
    return f"NEW.{column} = (SELECT merged_into_id FROM {CONTACT} WHERE id = OLD.{column})"
