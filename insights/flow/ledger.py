"""The way of some deals through their stages, as the ledger tells it.

`deals` is a SELECT of them as `deal_id`. All their rows are read, so that a second visit is not taken for a first.
"""

from deals.models import Kind

from . import sql

REACHED = ["deal_id", "stage_id", "at", "path", "status"]
STAYS = ["deal_id", "stage_id", "began", "ended", "how", "pauses"]


def reached(deals):
    """One row for each stage a deal reached: a ledger row put it there or let it pass over it.

    `at` the first time, `path` all stages it reached, in their order, `status` how it stands now.
    """
    unfold, stage = sql.passed_stages("l")
    text = f"""
        WITH w AS ({deals.sql}),
        l AS (SELECT t.deal_id, t.to_stage_id, t.happened_at AS at, t.passed, d.status
            FROM w JOIN deals_transition t ON t.deal_id = w.deal_id JOIN deals_deal d ON d.id = t.deal_id
            WHERE t.kind IN ({sql.quoted(sql.PLACING)}) AND {sql.STANDS}),
        x AS (SELECT deal_id, to_stage_id AS stage_id, at, status FROM l
            UNION ALL SELECT deal_id, {stage}, at, status FROM l {unfold} WHERE l.passed <> '[]'),
        r AS (SELECT deal_id, stage_id, MIN(at) AS at, MIN(status) AS status FROM x GROUP BY deal_id, stage_id)
        SELECT deal_id, stage_id, at, {sql.joined("CAST(stage_id AS TEXT)")} OVER (PARTITION BY deal_id
            ORDER BY at, stage_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS path, status
        FROM r"""  # noqa: S608  see sql.py
    return sql.Asked(text, deals.params)


def stays(deals):
    """One row for each stay in a stage that has ended.

    It begins with the row that put the deal into the stage and ends with the next one that takes it out or closes the
    deal. A deal that comes back has another stay. A stage that was passed over has none.
    """
    paused = f"{sql.seconds('at')} || '-' || {sql.seconds('next_at')}"
    text = f"""
        WITH w AS ({deals.sql}),
        l AS (SELECT t.deal_id, t.seq, t.kind, t.to_stage_id, t.to_status, t.happened_at AS at,
            CASE WHEN t.from_stage_id = t.to_stage_id AND t.kind <> '{Kind.IMPORT}'
                AND t.to_status NOT IN ({sql.CLOSED}) AND t.from_status NOT IN ({sql.CLOSED})
                THEN 0 ELSE 1 END AS begins
            FROM w JOIN deals_transition t ON t.deal_id = w.deal_id JOIN deals_deal d ON d.id = t.deal_id
            WHERE {sql.STANDS}),
        s AS (SELECT deal_id, to_stage_id, to_status, at, begins, LEAD(at) OVER o AS next_at,
            LEAD(kind) OVER o AS next_kind, LEAD(begins) OVER o AS next_begins, SUM(begins) OVER o AS stay
            FROM l WINDOW o AS (PARTITION BY deal_id ORDER BY seq)),
        y AS (SELECT deal_id, MIN(to_stage_id) AS stage_id, MIN(CASE WHEN begins = 1 THEN at END) AS began,
            MAX(CASE WHEN next_begins = 1 THEN next_at END) AS ended,
            MAX(CASE WHEN next_begins = 1 THEN next_kind END) AS how,
            COALESCE({sql.joined(f"CASE WHEN to_status = 'paused' THEN {paused} END")}, '') AS pauses
            FROM s WHERE to_status NOT IN ({sql.CLOSED}) GROUP BY deal_id, stay)
        SELECT deal_id, stage_id, began, ended, how, pauses FROM y WHERE ended IS NOT NULL"""  # noqa: S608
    return sql.Asked(text, deals.params)
